// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/rawsocket.h"
#include "tests/support/rawtls.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// What a run of the built program gave.
struct Outcome
{
    int exitCode = -1;
    QByteArray out;
    QByteArray err;
};

Outcome run(const QStringList &arguments)
{
    QProcess program;
    program.start(qEnvironmentVariable("CARILLON_BIN"), arguments);
    if (!program.waitForFinished(static_cast<int>(Patience.count())))
        return {};
    return { program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1,
             program.readAllStandardOutput(), program.readAllStandardError() };
}

} // namespace

// The built program's certificate: how it is exchanged, and what is said of a faulty one.
class CertificatesTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void everyListener_showsTheCertificate();
    void newFile_isTakenUp_whileClientsStay_data();
    void newFile_isTakenUp_whileClientsStay();
    void hangUp_readsTheCertificateAgain();
    void faultyFile_isReported_andTheOldOneStays_data();
    void faultyFile_isReported_andTheOldOneStays();
    void listenAndSend_speakTls_andBelieveOnlyWhomTheyShould();
    void checkConfig_namesWhatIsWrong_data();
    void checkConfig_namesWhatIsWrong();
    void serve_withAFaultyCertificate_doesNotStart();

private:
    [[nodiscard]] QString file() const { return m_file; }
    /// The certificate that a new client is shown, as DER.
    [[nodiscard]] QByteArray shown(quint16 port);
    [[nodiscard]] bool isShown(const TestAuthority::Pair &pair)
    {
        return shown(server().connectPort()) == derOf(pair.certificate)
            && shown(server().endpointPort()) == derOf(pair.certificate);
    }
    [[nodiscard]] double metric(const QByteArray &name);

    QString m_file;
};

void CertificatesTest::init()
{
    m_file = server().filePath(u"server.pem"_s);
}

QByteArray CertificatesTest::shown(quint16 port)
{
    RawSocket socket(port);
    RawTls &tls = socket.wrap(std::make_unique<RawTls>(socket.descriptor()));
    return tls.certificate();
}

double CertificatesTest::metric(const QByteArray &name)
{
    const HttpReply reply = HttpPeer(server().routerPort()).get("/metrics");
    for (const QByteArray &line : reply.body.split('\n')) {
        if (line.startsWith(name + ' '))
            return line.mid(name.size() + 1).toDouble();
    }
    return -1;
}

void CertificatesTest::everyListener_showsTheCertificate()
{
    QFile pem(file());
    QVERIFY(pem.open(QIODevice::ReadOnly));
    const QByteArray expected = derOf(pem.readAll());
    for (const quint16 port :
         { server().connectPort(), server().endpointPort(), server().routerPort() })
        QCOMPARE(shown(port), expected);
    QVERIFY(metric("carillon_certificate_expiry_timestamp_seconds") > 1'700'000'000);
}

void CertificatesTest::newFile_isTakenUp_whileClientsStay_data()
{
    QTest::addColumn<QByteArray>("way");
    QTest::newRow("renamed over it") << QByteArray("rename");
    QTest::newRow("written in place") << QByteArray("write");
    QTest::newRow("another symbolic link") << QByteArray("link");
    QTest::newRow("another link above it") << QByteArray("directory");
}

void CertificatesTest::newFile_isTakenUp_whileClientsStay()
{
    QFETCH(QByteArray, way);
    PushClient client(server());
    QVERIFY(!client.hello().isEmpty());
    const TestAuthority::Pair pair = server().authority().issue();
    const QByteArray content = pair.certificate + pair.key;
    if (way == "rename") {
        writeFile(file(), content);
    } else if (way == "write") {
        QFile pem(file());
        QVERIFY(pem.open(QIODevice::WriteOnly));
        QCOMPARE(pem.write(content), content.size());
    } else if (way == "link") { // as certbot does
        const QString target = server().filePath(u"archive.pem"_s);
        writeFile(target, content);
        QVERIFY(QFile::remove(file()));
        QVERIFY(QFile::link(target, file()));
    } else { // as Kubernetes does
        const QString target = server().filePath(u"archive"_s);
        const QString link = server().filePath(u"current"_s);
        QVERIFY(QDir().mkpath(target));
        writeFile(target + u"/server.pem"_s, content);
        QVERIFY(QFile::link(target, link));
        QVERIFY(QFile::remove(file()));
        QVERIFY(QFile::link(link + u"/server.pem"_s, file()));
        QTRY_VERIFY_WITH_TIMEOUT(isShown(pair), 20'000);
        const TestAuthority::Pair next = server().authority().issue();
        const QString other = server().filePath(u"other"_s);
        QVERIFY(QDir().mkpath(other));
        writeFile(other + u"/server.pem"_s, next.certificate + next.key);
        QVERIFY(QFile::remove(link));
        QVERIFY(QFile::link(other, link));
        QTRY_VERIFY_WITH_TIMEOUT(isShown(next), 20'000);
        return;
    }
    QTRY_VERIFY_WITH_TIMEOUT(isShown(pair), 20'000);
    QVERIFY(!client.subscribe(randomChannel()).isEmpty());
}

void CertificatesTest::hangUp_readsTheCertificateAgain()
{
    const TestAuthority::Pair pair = server().authority().issue();
    writeFile(file(), pair.certificate + pair.key);
    server().hangUp();
    QTRY_VERIFY_WITH_TIMEOUT(isShown(pair), 20'000);
}

void CertificatesTest::faultyFile_isReported_andTheOldOneStays_data()
{
    QTest::addColumn<bool>("bySignal");
    QTest::newRow("seen") << false;
    QTest::newRow("SIGHUP") << true;
}

void CertificatesTest::faultyFile_isReported_andTheOldOneStays()
{
    QFETCH(bool, bySignal);
    const QByteArray before = shown(server().connectPort());
    const double failures = metric("carillon_certificate_reloads_failed_total");
    const TestAuthority::Pair one = server().authority().issue();
    const TestAuthority::Pair other = server().authority().issue();
    writeFile(file(), one.certificate + other.key);
    if (bySignal)
        server().hangUp();
    QTRY_VERIFY_WITH_TIMEOUT(metric("carillon_certificate_reloads_failed_total") > failures,
                             20'000);
    QVERIFY(server().log().contains("the old one stays in use"));
    QVERIFY(server().log().contains("is not that of the first certificate"));
    QCOMPARE(shown(server().connectPort()), before);
    // Mended, it is taken up without more ado.
    writeFile(file(), one.certificate + one.key);
    QTRY_VERIFY_WITH_TIMEOUT(isShown(one), 20'000);
}

void CertificatesTest::listenAndSend_speakTls_andBelieveOnlyWhomTheyShould()
{
    const QString url = u"wss://127.0.0.1:%1/"_s.arg(server().connectPort());
    const QString ca = server().filePath(u"ca.pem"_s);
    const Outcome stranger = run({ u"listen"_s, u"--server"_s, url, u"--once"_s });
    QCOMPARE(stranger.exitCode, 1);

    QProcess listener;
    listener.start(qEnvironmentVariable("CARILLON_BIN"),
                   { u"listen"_s, u"--server"_s, url, u"--ca"_s, ca, u"--count"_s, u"1"_s });
    while (!listener.canReadLine()
           && listener.waitForReadyRead(static_cast<int>(Patience.count()))) { }
    const QString subscription = QString::fromUtf8(listener.readLine()).trimmed();
    QVERIFY(subscription.contains("\"endpoint\":\"https://127.0.0.1:"_L1));
    const Outcome unbelieving = run({ u"send"_s, subscription, u"hello"_s });
    QCOMPARE(unbelieving.exitCode, 1);
    QVERIFY(unbelieving.err.contains("no response"));
    const Outcome sent = run({ u"send"_s, u"--ca"_s, ca, subscription, u"hello over TLS"_s });
    QCOMPARE(sent.exitCode, 0);
    QVERIFY(sent.out.startsWith("201 "));
    QVERIFY(listener.waitForFinished(static_cast<int>(Patience.count())));
    QVERIFY(listener.readAllStandardOutput().contains("hello over TLS"));

    const Outcome wrong = run({ u"send"_s, u"--ca"_s, u"/nowhere.pem"_s, subscription });
    QCOMPARE(wrong.exitCode, 2);
    QVERIFY(wrong.err.contains("--ca: /nowhere.pem cannot be read"));
}

void CertificatesTest::checkConfig_namesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("names");
    QTest::addColumn<qint64>("days");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("said");
    const QByteArray local = "IP:127.0.0.1";
    QTest::newRow("nothing") << local << qint64 { 90 } << 0 << QByteArray();
    QTest::newRow("expired") << local << qint64 { -2 } << 0
                             << QByteArray("tls.certificate: the certificate expired on ");
    QTest::newRow("expires soon") << local << qint64 { 5 } << 0
                                  << QByteArray("tls.certificate: the certificate expires on ");
    QTest::newRow("another name") << QByteArray("DNS:example.com") << qint64 { 90 } << 0
                                  << QByteArray("the certificate does not name 127.0.0.1");
    QTest::newRow("no such file") << QByteArray() << qint64 { 90 } << 1
                                  << QByteArray("cannot be read");
}

void CertificatesTest::checkConfig_namesWhatIsWrong()
{
    QFETCH(QByteArray, names);
    QFETCH(qint64, days);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, said);
    const QString pem =
        server().filePath(u"checked-%1.pem"_s.arg(QLatin1StringView(randomText(8))));
    if (!names.isEmpty()) {
        const TestAuthority::Pair pair = server().authority().issue(
            { .names = names, .validFor = std::chrono::hours(24 * days) });
        writeFile(pem, pair.certificate + pair.key);
    }
    const Outcome outcome =
        run({ u"check-config"_s, u"--tls-certificate"_s, pem, u"--transport"_s, u"native"_s });
    QCOMPARE(outcome.exitCode, exitCode);
    QVERIFY2(said.isEmpty() ? outcome.err.isEmpty() : outcome.err.contains(said),
             outcome.err.constData());
}

void CertificatesTest::serve_withAFaultyCertificate_doesNotStart()
{
    const QString pem = server().filePath(u"hello.pem"_s);
    writeFile(pem, "hello");
    const Outcome outcome =
        run({ u"serve"_s, u"--tls-certificate"_s, pem, u"--transport"_s, u"native"_s, u"--db"_s,
              u"memory:"_s, u"--state-dir"_s, server().filePath(u"faulty"_s), u"--connect-port=0"_s,
              u"--endpoint-port=0"_s, u"--router-port=0"_s });
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.err.contains("tls.certificate: "));
    QVERIFY(outcome.err.contains("contains no PEM certificate"));
}

QTEST_GUILESS_MAIN(CertificatesTest)
#include "tst_certificates.moc"
