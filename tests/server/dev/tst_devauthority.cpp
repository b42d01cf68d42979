// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/p256.h"
#include "server/dev/devauthority.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <set>
#include <thread>

#include <openssl/x509v3.h>
#include <sys/stat.h>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

const WallTime Now = wallFromSeconds(1'800'000'000);
constexpr auto Day = std::chrono::days(1);

QByteArray content(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

mode_t modeOf(const QString &path)
{
    struct stat status
    {
    };
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_mode & 0777U : 0;
}

/// What a careful client says of a certificate: X509_V_OK, or OpenSSL's code of its fault.
int verify(X509 *certificate, const QByteArray &authorityPem, WallTime now)
{
    using Store = OpenSslPtr<X509_STORE, X509_STORE_free>;
    using StoreContext = OpenSslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;
    const Certificate authority = certificateFromPem(authorityPem);
    const Store store(X509_STORE_new());
    const StoreContext context(X509_STORE_CTX_new());
    X509_STORE_add_cert(store.get(), authority.get());
    X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr);
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
    X509_STORE_CTX_set_time(context.get(), 0, toSeconds(now));
    X509_verify_cert(context.get());
    return X509_STORE_CTX_get_error(context.get());
}

X509 *certificateOf(const TlsContext &context)
{
    return SSL_CTX_get0_certificate(context.handle());
}

} // namespace

class TestDevAuthority : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        m_state = m_directory->filePath(u"deep/state"_s);
    }

    void firstStart_makesIt_itsKeyForTheOwnerOnly()
    {
        const auto authority = open();
        QVERIFY2(authority, qUtf8Printable(authority ? QString() : authority.error()));
        QVERIFY(authority->isNew());
        QCOMPARE(modeOf(keyFile()), mode_t(0600));
        QCOMPARE(modeOf(m_state), mode_t(0700));
        QVERIFY(content(keyFile()).contains("PRIVATE KEY"));
        QVERIFY(published().startsWith("-----BEGIN CERTIFICATE-----"));
        QVERIFY(!published().contains("PRIVATE"));
        QCOMPARE(modeOf(DevAuthority::certificateFile(m_state)), mode_t(0644));
    }

    void nextStart_isTheSame()
    {
        QVERIFY(open());
        const QByteArray first = published();
        const auto next = open(Now + 3'000 * Day);
        QVERIFY(next);
        QVERIFY(!next->isNew());
        QCOMPARE(published(), first);
    }

    void certificate_isBelieved_forLoopback()
    {
        const auto authority = open();
        QVERIFY(authority);
        const TlsContext context = authority->issue({ QHostAddress(u"127.0.0.2"_s) }, Now);
        QCOMPARE(verify(certificateOf(context), published(), Now), X509_V_OK);
        for (const QString &name : { u"localhost"_s, u"127.0.0.1"_s, u"::1"_s, u"127.0.0.2"_s })
            QVERIFY2(context.covers(name), qUtf8Printable(name));
        QVERIFY(!context.covers(u"push.example.com"_s));
        QVERIFY(context.expiry() > Now + 80 * Day);
        QVERIFY(context.expiry() < Now + 100 * Day);
        QCOMPARE(verify(certificateOf(context), published(), Now + 100 * Day),
                 X509_V_ERR_CERT_HAS_EXPIRED);
    }

    void certificateForAnythingElse_isNotBelieved_data()
    {
        QTest::addColumn<QByteArray>("names"); // as x509v3_config(5) says it behind IP:
        QTest::newRow("address") << QByteArray("192.0.2.1");
        QTest::newRow("IPv6 address") << QByteArray("2001:db8::1");
        QTest::newRow("name") << QByteArray("127.0.0.1,DNS:push.example.com");
    }
    void certificateForAnythingElse_isNotBelieved()
    {
        QFETCH(const QByteArray, names);
        QVERIFY(open());
        const QByteArray stolen = content(keyFile());
        const KeyPointer authorityKey = p256PrivateKeyFromPem(stolen);
        const Certificate authority = certificateFromPem(stolen);
        const KeyPointer key = newP256Key();
        const Certificate forged =
            makeDevCertificate(key.get(), { names }, authority.get(), authorityKey.get(), Now);
        QCOMPARE(verify(forged.get(), published(), Now), X509_V_ERR_PERMITTED_VIOLATION);
    }

    void authority_makesNoOtherAuthority()
    {
        QVERIFY(open());
        const QByteArray stolen = content(keyFile());
        const KeyPointer authorityKey = p256PrivateKeyFromPem(stolen);
        const Certificate authority = certificateFromPem(stolen);
        const KeyPointer key = newP256Key();
        const Certificate server =
            makeDevCertificate(key.get(), {}, authority.get(), authorityKey.get(), Now);
        const KeyPointer other = newP256Key();
        const Certificate below = makeDevCertificate(other.get(), {}, server.get(), key.get(), Now);
        QVERIFY(verify(below.get(), published(), Now) != X509_V_OK);
    }

    void authorityThatEndsSoon_isMadeAnew()
    {
        QVERIFY(open());
        const QByteArray first = published();
        const WallTime later = Now + 3'600 * Day;
        const auto next = open(later);
        QVERIFY(next);
        QVERIFY(next->isNew());
        QVERIFY(published() != first);
        QCOMPARE(modeOf(keyFile()), mode_t(0600));
        const TlsContext context = next->issue({}, later);
        QCOMPARE(verify(certificateOf(context), published(), later), X509_V_OK);
        QVERIFY(context.expiry() > later + 80 * Day);
    }

    void clockThatIsBehind_keepsIt()
    {
        QVERIFY(open());
        const QByteArray first = published();
        const auto before = open(Now - 5'000 * Day);
        QVERIFY(before);
        QVERIFY(!before->isNew());
        QCOMPARE(published(), first);
    }

    /// Made by a machine whose clock was ahead, and used after the correction.
    void clockThatWasAhead_certificateIsBelieved()
    {
        QVERIFY(open(Now + 61 * Day));
        const auto after = open(Now);
        QVERIFY(after);
        const TlsContext context = after->issue({}, Now);
        QCOMPARE(verify(certificateOf(context), published(), Now), X509_V_OK);
    }

    void keyThatOthersMayRead_isRefused()
    {
        QVERIFY(open());
        QVERIFY(::chmod(QFile::encodeName(keyFile()).constData(), 0644) == 0);
        const auto next = open();
        QVERIFY(!next);
        QVERIFY2(next.error().contains(keyFile() + u" is readable by other users"_s),
                 qUtf8Printable(next.error()));
    }

    void damagedFile_isRefused_notReplaced()
    {
        QVERIFY(open());
        QFile file(keyFile());
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QCOMPARE(file.write("damaged"), qint64(7));
        file.close();
        const auto next = open();
        QVERIFY(!next);
        QVERIFY(next.error().contains(keyFile()));
        QCOMPARE(content(keyFile()), QByteArray("damaged"));
    }

    void certificateFileThatIsGone_isWrittenAgain()
    {
        QVERIFY(open());
        const QByteArray first = published();
        QVERIFY(QFile::remove(DevAuthority::certificateFile(m_state)));
        QVERIFY(open());
        QCOMPARE(published(), first);
    }

    void processesThatStartTogether_agree()
    {
        std::vector<QByteArray> issuers(8);
        {
            std::vector<std::jthread> threads;
            for (QByteArray &issuer : issuers) {
                threads.emplace_back([this, &issuer] {
                    if (const auto authority = open())
                        issuer = QByteArray::number(verify(certificateOf(authority->issue({}, Now)),
                                                           content(keyFile()), Now));
                });
            }
        }
        QCOMPARE(std::set<QByteArray>(issuers.begin(), issuers.end()),
                 std::set<QByteArray> { QByteArray::number(X509_V_OK) });
    }

private:
    [[nodiscard]] Result<DevAuthority, QString> open(WallTime now = Now) const
    {
        return DevAuthority::open(m_state, now);
    }
    [[nodiscard]] QString keyFile() const { return m_state + u"/dev-ca-key.pem"_s; }
    [[nodiscard]] QByteArray published() const
    {
        return content(DevAuthority::certificateFile(m_state));
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_state;
};

QTEST_GUILESS_MAIN(TestDevAuthority)
#include "tst_devauthority.moc"
