// SPDX-License-Identifier: MPL-2.0
#include "server/app/banner.h"

#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

Settings usualSettings()
{
    Settings settings;
    settings.endpoint.url = "http://127.0.0.1:8082";
    settings.storage.dsn.path = u"/state/carillon.db"_s;
    return settings;
}

const KeysProvided OldKeys { u"/state/keys.toml"_s, false };

/// Everything behind the line's own words; empty: there is no such line.
QByteArray line(const QByteArray &banner, const QByteArray &words)
{
    for (const QByteArray &each : banner.split('\n')) {
        if (each.startsWith(words))
            return each.mid(words.size()).trimmed();
    }
    return {};
}

} // namespace

class TestBanner : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void usualServer_namesAddressesAndFiles()
    {
        const QByteArray text = banner(usualSettings(), OldKeys);
        QCOMPARE(line(text, "Browsers connect to"),
                 "ws://127.0.0.1:8080/   (Firefox: dom.push.serverURL)");
        QCOMPARE(line(text, "Senders push to"), "http://127.0.0.1:8082/wpush/...");
        QCOMPARE(line(text, "Messages are kept in"), "/state/carillon.db");
        QCOMPARE(line(text, "The keys are in"), "/state/keys.toml");
        QCOMPARE(line(text, "Try it"), "carillon listen   and, in another terminal, carillon send");
        QCOMPARE(line(text, "For TLS"), "");
    }

    void newKeys_areToBeBackedUp()
    {
        const QByteArray text = banner(usualSettings(), { u"/state/keys.toml"_s, true });
        QCOMPARE(line(text, "The keys are in"),
                 "/state/keys.toml   (made just now: back this file up)");
    }

    void otherPorts_areInTheCommands()
    {
        Settings settings = usualSettings();
        settings.connect.port = 9080;
        QCOMPARE(line(banner(settings, OldKeys), "Try it"),
                 "carillon listen --server ws://127.0.0.1:9080/   and, in another terminal, "
                 "carillon send");
    }

    void wildcardAddress_isNeverShown_data()
    {
        QTest::addColumn<QString>("host");
        QTest::newRow("IPv4") << u"0.0.0.0"_s;
        QTest::newRow("both families") << u"::"_s;
    }
    void wildcardAddress_isNeverShown()
    {
        QFETCH(const QString, host);
        Settings settings = usualSettings();
        settings.connect.host = settings.endpoint.host = { QHostAddress(host) };
        settings.endpoint.url = "https://push.example.com";
        const QByteArray text = banner(settings, OldKeys);
        QVERIFY2(!text.contains("0.0.0.0") && !text.contains("[::]"), text.constData());
        QVERIFY(QUrl(QString::fromLatin1(line(text, "Browsers connect to").split(' ').first()))
                    .isValid());
        // Commands are for this machine.
        QCOMPARE(line(text, "Try it"), "carillon listen   and, in another terminal, carillon send");
    }

    void publicUrls_areShown_whereTheyAreKnown()
    {
        Settings settings = usualSettings();
        settings.connect.host = { QHostAddress(QHostAddress::AnyIPv6) };
        settings.connect.url = "wss://push.example.com/";
        settings.endpoint.url = "https://push.example.com";
        const QByteArray text = banner(settings, OldKeys);
        QCOMPARE(line(text, "Browsers connect to"),
                 "wss://push.example.com/   (Firefox: dom.push.serverURL)");
        QCOMPARE(line(text, "Senders push to"), "https://push.example.com/wpush/...");
        QCOMPARE(line(text, "Try it"),
                 "carillon listen --server wss://push.example.com/   and, in another terminal, "
                 "carillon send");
    }

    void rolesApart_nameWhatTheyHave()
    {
        Settings settings = usualSettings();
        settings.role = Role::Endpoint;
        const QByteArray endpoint = banner(settings, OldKeys);
        QVERIFY(!endpoint.contains("Browsers connect to"));
        QVERIFY(endpoint.contains("Senders push to"));
        settings.role = Role::Connect;
        const QByteArray connect = banner(settings, OldKeys);
        QVERIFY(connect.contains("Browsers connect to"));
        QVERIFY(!connect.contains("Senders push to"));
    }

    void dev_showsThePage_andWhatToTrustForTls()
    {
        Settings settings = usualSettings();
        settings.dev = true;
        const QByteArray text = banner(settings, OldKeys, u"/state/dev-ca.pem"_s);
        QCOMPARE(line(text, "Try it"),
                 "http://127.0.0.1:8082/   (`carillon firefox` opens it in a Firefox set up for "
                 "this server)");
        const QByteArray trust = line(text, "For TLS they trust");
        QVERIFY2(trust.startsWith("NODE_EXTRA_CA_CERTS=/state/dev-ca.pem "), trust.constData());
        QVERIFY2(trust.contains("REQUESTS_CA_BUNDLE") && trust.contains("SSL_CERT_FILE"),
                 trust.constData());
        settings.connect.port = 9080;
        settings.endpoint.url = "http://127.0.0.1:9082";
        QVERIFY(line(banner(settings, OldKeys), "Try it")
                    .contains("`carillon firefox --server ws://127.0.0.1:9080/ --page "
                              "http://127.0.0.1:9082/`"));
    }
};

QTEST_GUILESS_MAIN(TestBanner)
#include "tst_banner.moc"
