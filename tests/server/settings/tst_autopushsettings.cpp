// SPDX-License-Identifier: MPL-2.0
#include "tests/server/settings/settingsfixture.h"

#include <QTest>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// A role with what autopush's variables have to name: a database, and keys, for it listens on all
/// addresses.
Sources connectSite()
{
    Sources sources;
    sources.flags({ u"--role"_s, u"connect"_s })
        .variable(u"AUTOCONNECT__DB_DSN"_s, u"sqlite:/srv/carillon.db"_s)
        .variable(u"AUTOCONNECT__CRYPTO_KEY"_s, SomeKey);
    return sources;
}

Sources endpointSite()
{
    Sources sources;
    sources.flags({ u"--role"_s, u"endpoint"_s })
        .variable(u"AUTOEND__DB_DSN"_s, u"sqlite:/srv/carillon.db"_s);
    return sources;
}

} // namespace

/// configuration.md, "Settings of autopush": a site that ran autopush keeps its environment.
class TestAutopushSettings : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void connectVariables_meanWhatTheyMeant()
    {
        const Settings settings =
            connectSite()
                .variable(u"AUTOCONNECT__PORT"_s, u"9080"_s)
                .variable(u"AUTOCONNECT__ROUTER_PORT"_s, u"9081"_s)
                .variable(u"AUTOCONNECT__ROUTER_HOSTNAME"_s, u"127.0.0.1"_s)
                .variable(u"AUTOCONNECT__AUTO_PING_INTERVAL"_s, u"0.5"_s)
                .variable(u"AUTOCONNECT__AUTO_PING_TIMEOUT"_s, u"2.25"_s)
                .variable(u"AUTOCONNECT__OPEN_HANDSHAKE_TIMEOUT"_s, u"7"_s)
                .variable(u"AUTOCONNECT__MEGAPHONE_API_URL"_s, u"http://m/x"_s)
                .variable(u"AUTOCONNECT__MEGAPHONE_POLL_INTERVAL"_s, u"3"_s)
                .variable(u"AUTOCONNECT__CRYPTO_KEY"_s, u'[' + SomeKey + u']')
                .loaded()
                .settings;
        QCOMPARE(settings.connect.port, quint16(9080));
        QCOMPARE(settings.router.port, quint16(9081));
        QCOMPARE(settings.router.url, "http://127.0.0.1:9081"_ba);
        QCOMPARE(settings.connect.autoPingInterval, 500ms);
        QCOMPARE(settings.connect.autoPingTimeout, 2250ms);
        QCOMPARE(settings.connect.openHandshakeTimeout, 7s);
        QCOMPARE(settings.megaphone.apiUrl, QUrl(u"http://m/x"_s));
        QCOMPARE(settings.megaphone.pollInterval, 3s);
        QCOMPARE(revealAll(settings.keys.cryptoKeys), QList { SomeKey.toLatin1() });
        QCOMPARE(settings.storage.dsn.backend, StorageBackend::Sqlite);
        QCOMPARE(settings.storage.dsn.path, u"/srv/carillon.db"_s);
    }

    void endpointVariables_meanWhatTheyMeant()
    {
        const Settings settings =
            endpointSite()
                .variable(u"AUTOEND__HOST"_s, u"127.0.0.2"_s)
                .variable(u"AUTOEND__PORT"_s, u"9000"_s)
                .variable(u"AUTOEND__ENDPOINT_URL"_s, u"https://push.example.com:443"_s)
                .variable(u"AUTOEND__CRYPTO_KEYS"_s, u"[\"%1\", \"%2\"]"_s.arg(SomeKey, OtherKey))
                .variable(u"AUTOEND__AUTH_KEYS"_s,
                          u"[HJVPy4ZwF4Yz_JdvXTL8hRcwIhv742vC60Tg5Ycrvw8=]"_s)
                .variable(u"AUTOEND__MAX_DATA_BYTES"_s, u"4096"_s)
                .variable(u"AUTOEND__MAX_NOTIFICATION_TTL"_s, u"60"_s)
                .variable(u"AUTOEND__TRACKING_KEYS"_s,
                          u"[\"BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxH"
                          "F6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs=\"]"_s)
                .loaded()
                .settings;
        QCOMPARE(settings.endpoint.host, Addresses { QHostAddress(u"127.0.0.2"_s) });
        QCOMPARE(settings.endpoint.port, quint16(9000));
        QCOMPARE(settings.endpoint.url, "https://push.example.com"_ba);
        QCOMPARE(revealAll(settings.keys.cryptoKeys),
                 QList({ SomeKey.toLatin1(), OtherKey.toLatin1() }));
        // Taken literally, not decoded.
        QCOMPARE(revealAll(settings.keys.authKeys),
                 QList { "HJVPy4ZwF4Yz_JdvXTL8hRcwIhv742vC60Tg5Ycrvw8="_ba });
        QCOMPARE(settings.endpoint.maxDataBytes, 4096);
        QCOMPARE(settings.endpoint.maxNotificationTtl, 60s);
        QCOMPARE(settings.reliability.trackingKeys.size(), 1u);
        QCOMPARE(settings.reliability.trackingKeys.front().size(), 65);
        QVERIFY(!settings.reliability.trackAll);
    }

    void endpointPort_defaultsTo8000()
    {
        QCOMPARE(endpointSite().loaded().settings.endpoint.port, quint16(8000));
        QCOMPARE(connectSite().loaded().settings.endpoint.port, quint16(8082));
    }

    void lowerCaseNames_count()
    {
        QCOMPARE(connectSite()
                     .variable(u"autoconnect__port"_s, u"9080"_s)
                     .loaded()
                     .settings.connect.port,
                 quint16(9080));
    }

    void variables_ofTheOtherRole_areLeftAlone()
    {
        const LoadedSettings loaded = connectSite()
                                          .variable(u"AUTOEND__PORT"_s, u"no port"_s)
                                          .variable(u"AUTOEND__CRYPTO_KEYS"_s, OtherKey)
                                          .loaded();
        QCOMPARE(revealAll(loaded.settings.keys.cryptoKeys), QList { SomeKey.toLatin1() });
        QCOMPARE(loaded.settings.endpoint.port, quint16(8082));
    }

    void emptyValue_unsets()
    {
        QVERIFY(connectSite()
                    .variable(u"AUTOCONNECT__MEGAPHONE_API_URL"_s, {})
                    .variable(u"AUTOCONNECT__ROUTER_HOSTNAME"_s, {})
                    .problems()
                    .isEmpty());
        // A key that is empty by accident must not pass for none.
        QCOMPARE(endpointSite().variable(u"AUTOEND__AUTH_KEYS"_s, {}).problems(),
                 QStringList(u"keys.auth_keys: the list is empty; make a key: carillon keygen "
                             "(AUTOEND__AUTH_KEYS)"_s));
    }

    void messageLimit_resetsClients()
    {
        const QueueLimits limits = connectSite()
                                       .variable(u"AUTOCONNECT__MSG_LIMIT"_s, u"150"_s)
                                       .loaded()
                                       .settings.storage.limits;
        QCOMPARE(limits.maxMessages, 150);
        QCOMPARE(limits.onFull, OnFull::Reset);
        QCOMPARE(connectSite().loaded().settings.storage.limits.onFull, OnFull::Refuse);
    }

    void messageLimit_refusesNoPush_alsoInRoleEndpoint()
    {
        const auto fullAt = [](Sources &&sources) {
            return sources.variable(u"AUTOCONNECT__MSG_LIMIT"_s, u"150"_s)
                .loaded()
                .settings.storage.limits.onFull;
        };
        QCOMPARE(fullAt(endpointSite()), OnFull::Reset);
        // Alone it makes no site of autopush's, which would have to name its database.
        Sources bare;
        bare.flags({ u"--role"_s, u"endpoint"_s });
        QCOMPARE(fullAt(std::move(bare)), OnFull::Refuse);
    }

    void humanLogs_chooseTheFormat()
    {
        QCOMPARE(connectSite()
                     .variable(u"AUTOCONNECT__HUMAN_LOGS"_s, u"true"_s)
                     .loaded()
                     .settings.log.format,
                 LogFormat::Text);
        QCOMPARE(connectSite()
                     .variable(u"AUTOCONNECT__HUMAN_LOGS"_s, u"false"_s)
                     .loaded()
                     .settings.log.format,
                 LogFormat::Json);
    }

    void endpointParts_makeTheUrl()
    {
        Sources sources = connectSite();
        sources.variable(u"AUTOCONNECT__ENDPOINT_SCHEME"_s, u"https"_s)
            .variable(u"AUTOCONNECT__ENDPOINT_HOSTNAME"_s, u"push.example.com"_s)
            .variable(u"AUTOCONNECT__ENDPOINT_PORT"_s, u"443"_s);
        QCOMPARE(sources.loaded().settings.endpoint.url, "https://push.example.com"_ba);
        sources.variable(u"AUTOCONNECT__ENDPOINT_PORT"_s, u"8443"_s);
        QCOMPARE(sources.loaded().settings.endpoint.url, "https://push.example.com:8443"_ba);
        sources.variable(u"AUTOCONNECT__ENDPOINT_PORT"_s, u"x"_s);
        QVERIFY(sources.problems().first().startsWith("AUTOCONNECT__ENDPOINT_PORT: \"x\""_L1));
    }

    void endpointSchemeHostAndPort_makeTheUrlToo()
    {
        QCOMPARE(endpointSite()
                     .variable(u"AUTOEND__SCHEME"_s, u"https"_s)
                     .variable(u"AUTOEND__PORT"_s, u"443"_s)
                     .loaded()
                     .settings.endpoint.url,
                 "https://127.0.0.1"_ba);
    }

    void roleAll_refusesTwoUrls_andShowsBoth()
    {
        Sources sources;
        sources.flags({ u"--role"_s, u"all"_s })
            .variable(u"AUTOCONNECT__DB_DSN"_s, u"memory:"_s)
            .variable(u"AUTOCONNECT__CRYPTO_KEY"_s, SomeKey)
            .variable(u"AUTOCONNECT__ENDPOINT_HOSTNAME"_s, u"a.example.com"_s)
            .variable(u"AUTOEND__ENDPOINT_URL"_s, u"https://b.example.com"_s);
        const QStringList problems = sources.problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().contains("http://a.example.com:8082"_L1));
        QVERIFY(problems.first().contains("https://b.example.com"_L1));
        sources.variable(u"CARILLON__ENDPOINT__URL"_s, u"https://c.example.com"_s);
        QCOMPARE(sources.loaded().settings.endpoint.url, "https://c.example.com"_ba);
    }

    void roleAll_takesTwoUrlsThatAgree()
    {
        QCOMPARE(Sources()
                     .variable(u"AUTOCONNECT__DB_DSN"_s, u"memory:"_s)
                     .variable(u"AUTOCONNECT__CRYPTO_KEY"_s, SomeKey)
                     .variable(u"AUTOCONNECT__ENDPOINT_SCHEME"_s, u"https"_s)
                     .variable(u"AUTOCONNECT__ENDPOINT_HOSTNAME"_s, u"a.example.com"_s)
                     .variable(u"AUTOCONNECT__ENDPOINT_PORT"_s, u"443"_s)
                     .variable(u"AUTOEND__ENDPOINT_URL"_s, u"https://a.example.com/"_s)
                     .loaded()
                     .settings.endpoint.url,
                 "https://a.example.com"_ba);
    }

    void roleAll_refusesKeysThatDiffer_withoutShowingThem()
    {
        Sources sources;
        sources.variable(u"AUTOCONNECT__DB_DSN"_s, u"memory:"_s)
            .variable(u"AUTOCONNECT__CRYPTO_KEY"_s, SomeKey)
            .variable(u"AUTOEND__CRYPTO_KEYS"_s, u"[%1]"_s.arg(SomeKey));
        QVERIFY(sources.problems().isEmpty());
        sources.variable(u"AUTOEND__CRYPTO_KEYS"_s, u"[%1]"_s.arg(OtherKey));
        QCOMPARE(sources.problems(),
                 QStringList(u"keys.crypto_keys: AUTOCONNECT__CRYPTO_KEY and AUTOEND__CRYPTO_KEYS "
                             "differ; make them equal, or set CARILLON__KEYS__CRYPTO_KEYS"_s));
    }

    void database_mustBeNamed_andOneThatIsHere()
    {
        Sources sources;
        sources.flags({ u"--role"_s, u"endpoint"_s }).variable(u"AUTOEND__PORT"_s, u"9000"_s);
        QVERIFY(sources.problems().first().startsWith("AUTOEND__DB_DSN: it is not set"_L1));
        QVERIFY(sources.problems().first().contains("sqlite:PATH"_L1));
        sources.variable(u"AUTOEND__DB_DSN"_s, u"redis://localhost"_s);
        QVERIFY(sources.problems().first().startsWith("storage.dsn: redis: (Redis)"_L1));
        sources.variable(u"AUTOEND__DB_DSN"_s, u"grpc://localhost:8086"_s);
        QVERIFY(sources.problems().first().startsWith("storage.dsn: grpc: (Bigtable"_L1));
        sources.variable(u"CARILLON__STORAGE__DSN"_s, u"memory:"_s);
        QVERIFY(sources.problems().isEmpty());
    }

    void addresses_ofConnect_areAllUnlessSet()
    {
        const Addresses everywhere { QHostAddress(QHostAddress::AnyIPv4) };
        Sources sources = connectSite();
        QCOMPARE(sources.loaded().settings.connect.host, everywhere);
        QCOMPARE(sources.loaded().settings.router.host, everywhere);
        QVERIFY(sources.loaded().warnings.isEmpty());
        sources.variable(u"CARILLON__ROUTER__HOST"_s, u"127.0.0.1"_s);
        QCOMPARE(sources.loaded().settings.connect.host, everywhere);
        QVERIFY(isLoopbackOnly(sources.loaded().settings.router.host));
        QVERIFY(isLoopbackOnly(endpointSite().loaded().settings.endpoint.host));
    }

    void addresses_ofConnect_stayOnLoopbackWithDev()
    {
        const LoadedSettings loaded = connectSite().flags({ u"--dev"_s }).loaded();
        QVERIFY(isLoopbackOnly(loaded.settings.connect.host));
        QVERIFY(isLoopbackOnly(loaded.settings.router.host));
    }

    void nodeName_isThisMachines_unlessGiven()
    {
        Sources sources = connectSite();
        sources.variable(u"AUTOCONNECT__ROUTER_PORT"_s, u"9081"_s);
        const QByteArray machine = QSysInfo::machineHostName().toLower().toLatin1();
        QCOMPARE(sources.loaded().settings.router.url.toLower(), "http://" + machine + ":9081");
        sources.variable(u"AUTOCONNECT__HOSTNAME"_s, u"node1"_s);
        QCOMPARE(sources.loaded().settings.router.url, "http://node1:9081"_ba);
        sources.variable(u"AUTOCONNECT__ROUTER_HOSTNAME"_s, u"node1.cluster"_s);
        QCOMPARE(sources.loaded().settings.router.url, "http://node1.cluster:9081"_ba);
    }

    void statsd_isWhereBothDaemonsSentIt()
    {
        Sources sources;
        sources.variable(u"AUTOCONNECT__DB_DSN"_s, u"memory:"_s)
            .variable(u"AUTOCONNECT__CRYPTO_KEY"_s, SomeKey)
            .variable(u"AUTOEND__CRYPTO_KEYS"_s, SomeKey)
            .variable(u"AUTOCONNECT__STATSD_HOST"_s, u"statsd.example.com"_s)
            .variable(u"AUTOEND__STATSD_HOST"_s, u"statsd.example.com"_s)
            .variable(u"AUTOEND__STATSD_PORT"_s, u"9125"_s)
            .variable(u"AUTOCONNECT__STATSD_LABEL"_s, u"push.connect"_s)
            .variable(u"AUTOEND__STATSD_LABEL"_s, u"push.end"_s);
        const StatsdOptions statsd = sources.loaded().settings.statsd;
        QCOMPARE(statsd.host, u"statsd.example.com"_s);
        QCOMPARE(statsd.port, quint16(9125));
        QCOMPARE(statsd.connectLabel, "push.connect"_ba);
        QCOMPARE(statsd.endpointLabel, "push.end"_ba);
    }

    void unknownVariables_areIgnored_withOneWarning()
    {
        const QStringList warnings =
            endpointSite()
                .variable(u"AUTOEND__ACTIX_MAX_CONNECTIONS"_s, u"1"_s)
                .variable(u"AUTOEND__FCM__CREDENTIALS"_s, u"{\"s3cret\":1}"_s)
                .variable(u"AUTOEND__PROT"_s, u"s3cret"_s)
                .loaded()
                .warnings;
        QCOMPARE(warnings,
                 QStringList(u"ignored settings of autopush: without effect here: "
                             "AUTOEND__ACTIX_MAX_CONNECTIONS, AUTOEND__FCM__CREDENTIALS; unknown: "
                             "AUTOEND__PROT"_s));
    }

    void secrets_comeFromFiles()
    {
        Sources sources = endpointSite();
        sources.variable(u"AUTOEND__CRYPTO_KEYS_FILE"_s, sources.write(u"key"_s, SomeKey + u'\n'));
        QCOMPARE(revealAll(sources.loaded().settings.keys.cryptoKeys),
                 QList { SomeKey.toLatin1() });
        sources.variable(u"AUTOEND__CRYPTO_KEYS_FILE"_s, u"/nowhere/key"_s);
        QVERIFY(sources.problems().first().startsWith(
            "AUTOEND__CRYPTO_KEYS_FILE: /nowhere/key cannot be read"_L1));
    }

    void flatFile_isReadBelowTheVariables()
    {
        Sources sources;
        sources.flags({ u"--role"_s, u"connect"_s })
            .autopushFile(u"port = 9080\nrouter_port = 9081\ndb_dsn = \"memory:\"\n"_s)
            .variable(u"AUTOCONNECT__ROUTER_PORT"_s, u"9091"_s)
            .variable(u"AUTOCONNECT__CRYPTO_KEY"_s, SomeKey);
        const LoadedSettings loaded = sources.loaded();
        QCOMPARE(loaded.settings.connect.port, quint16(9080));
        QCOMPARE(loaded.settings.router.port, quint16(9091));
        QCOMPARE(loaded.origins.value(u"connect.port"_s),
                 sources.path(u"autopush1.toml"_s) + u":1"_s);
    }

    void flatFiles_inRoleAll_areToldApartByTheirKeys()
    {
        Sources sources;
        sources
            .autopushFile(
                u"port = 9080\ndb_dsn = \"memory:\"\ncrypto_key = \"%1\"\n"_s.arg(SomeKey))
            .autopushFile(u"port = 9000\ncrypto_keys = \"[%1]\"\n"_s.arg(SomeKey));
        const Settings settings = sources.loaded().settings;
        QCOMPARE(settings.connect.port, quint16(9080));
        QCOMPARE(settings.endpoint.port, quint16(9000));
        QCOMPARE(Sources().autopushFile(u"port = 9080\n"_s).problems().size(), 1);
    }
};

QTEST_APPLESS_MAIN(TestAutopushSettings)
#include "tst_autopushsettings.moc"
