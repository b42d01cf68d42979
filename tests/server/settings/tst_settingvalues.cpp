// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingkinds.h"
#include "tests/server/settings/settingsfixture.h"

#include <QTest>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What each kind of setting takes, and what it says of what it refuses.
class TestSettingValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void badValue_isNamedWithItsFaultAndTheWayToMendIt_data()
    {
        QTest::addColumn<QString>("setting");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char *name, const QString &setting, const QString &value,
                            const QString &fault) {
            QTest::newRow(name) << setting << value
                                << setting + u": "_s + fault + u" (--set %1)"_s.arg(setting);
        };
        row("number", u"workers"_s, u"many"_s,
            u"\"many\" is not a whole number; give a number from 0 to 1024"_s);
        row("number out of range", u"storage.window"_s, u"0"_s,
            u"\"0\" is out of range; give a number from 1 to 10000"_s);
        row("fraction", u"connect.max_channels"_s, u"1.5"_s,
            u"\"1.5\" is not a whole number; give a number from 1 to 1000000"_s);
        row("port", u"connect.port"_s, u"65536"_s,
            u"\"65536\" is not a port; give a number from 1 to 65535, or 0 for any free port"_s);
        row("duration", u"drain_period"_s, u"2 weeks"_s,
            u"\"2 weeks\" is not a duration; give a number of seconds, or one with ms, s, m, h or d"_s);
        row("zero", u"connect.auto_ping_interval"_s, u"0"_s, u"\"0\" is zero; give 1ms to 3650d"_s);
        row("zero time-out", u"connect.auto_ping_timeout"_s, u"0.0"_s,
            u"\"0.0\" is zero; give 1ms to 3650d"_s);
        row("negative", u"connect.open_handshake_timeout"_s, u"-1"_s,
            u"\"-1\" is not a duration; give a number of seconds, or one with ms, s, m, h or d"_s);
        row("long duration", u"storage.ack_wait"_s, u"2s"_s,
            u"\"2s\" is out of range; give 0 to 1s"_s);
        row("endless duration", u"storage.client_lifetime"_s, u"999999999999"_s,
            u"\"999999999999\" is out of range; give 1s to 3650d"_s);
        row("size", u"storage.wal_limit"_s, u"64 MB"_s,
            u"\"64 MB\" is not a size; give a number of bytes, or one with KiB, MiB or GiB"_s);
        row("size out of range", u"connect.max_message_bytes"_s, u"10"_s,
            u"\"10\" is out of range; give \"1 KiB\" to \"16 MiB\""_s);
        row("size that overflows", u"storage.max_bytes"_s, u"999999999999999999 GiB"_s,
            u"\"999999999999999999 GiB\" is out of range; give \"1 KiB\" to \"1024 GiB\""_s);
        row("boolean", u"dev"_s, u"maybe"_s,
            u"\"maybe\" is neither true nor false; give true or false"_s);
        row("choice", u"role"_s, u"endpont"_s,
            u"\"endpont\" is not a valid value; did you mean \"endpoint\"? valid values are all, "
            "connect, endpoint"_s);
        row("choice far off", u"storage.on_full"_s, u"explode"_s,
            u"\"explode\" is not a valid value; valid values are refuse, drop-oldest, reset"_s);
        row("address", u"connect.host"_s, u"push.example.com"_s,
            u"\"push.example.com\" is not an address to listen on; give an IP address (0.0.0.0 or "
            u":: "
            "for all) or localhost"_s);
        row("short address", u"connect.host"_s, u"1"_s,
            u"\"1\" is not an address to listen on; give an IP address (0.0.0.0 or :: for all) or "
            "localhost"_s);
        row("origin", u"endpoint.url"_s, u"push.example.com"_s,
            u"this is not an http or https URL with a host; give a URL such as "
            "https://push.example.com"_s);
        row("path", u"endpoint.url"_s, u"https://push.example.com:8443/push"_s,
            u"a path is not allowed here; give only https://push.example.com:8443"_s);
        for (const QString &url :
             { u"https://push.example.com/"_s, u"push.example.com"_s, u"wss:///"_s,
               u"wss://me:secret@push.example.com/"_s, u"wss://push.example.com/?a"_s,
               u"wss://push.example.com/#a"_s })
            row(qUtf8Printable(u"WebSocket "_s + url), u"connect.url"_s, url,
                u"this is not a ws or wss URL with a host; give a URL such as "
                "wss://push.example.com/"_s);
        row("url", u"connect.megaphone_api_url"_s, u"ftp://x/"_s,
            u"this is not an http or https URL with a host; give a URL such as "
            "https://example.com/v1/broadcasts"_s);
        for (const QString &url :
             { u"ftp://x/"_s, u"errors/"_s, u"https:///errors"_s,
               u"https://me:s3cret@example.com/"_s, u"https://example.com/\"errors"_s })
            row(qUtf8Printable(u"URL prefix "_s + url), u"endpoint.error_docs_url"_s, url,
                u"this is not an http or https URL with a host; give a URL such as "
                "https://example.com/push-errors/"_s);
        row("empty path", u"state.dir"_s, u""_s, u"the path is empty; give a directory"_s);
        row("postgresql", u"storage.dsn"_s, u"postgresql://me:s3cret@db/x"_s,
            u"postgresql: is not supported yet; give sqlite:PATH, or memory: for no permanent "
            "storage"_s);
        row("redis", u"storage.dsn"_s, u"redis://:s3cret@db"_s,
            u"redis: (Redis) is not supported; give sqlite:PATH, or memory: for no permanent "
            "storage"_s);
        row("spanner", u"storage.dsn"_s, u"grpc://localhost"_s,
            u"grpc: (Bigtable, Spanner) is not supported; give sqlite:PATH, or memory: for no "
            "permanent storage"_s);
        row("unknown storage", u"storage.dsn"_s, u"mysql://me:s3cret@db"_s,
            u"this kind of storage is unknown; give sqlite:PATH, or memory: for no permanent "
            "storage"_s);
        row("sqlite without path", u"storage.dsn"_s, u"sqlite:"_s,
            u"sqlite: has no path; give sqlite:PATH"_s);
        row("frequency", u"rate_limits.sender"_s, u"100"_s,
            u"\"100\" is not a rate; give a rate such as \"100/s\", \"20/m burst 100\" or "
            "\"1000/h\", or \"off\""_s);
        row("frequency without count", u"rate_limits.sender"_s, u"0/s"_s,
            u"\"0/s\" is not a rate; give a rate such as \"100/s\", \"20/m burst 100\" or "
            "\"1000/h\", or \"off\""_s);
        row("frequency of days", u"rate_limits.sender"_s, u"1/d"_s,
            u"\"1/d\" is not a rate; give a rate such as \"100/s\", \"20/m burst 100\" or "
            "\"1000/h\", or \"off\""_s);
        row("frequency without burst", u"rate_limits.sender"_s, u"1/s burst 0"_s,
            u"\"1/s burst 0\" is not a rate; give a rate such as \"100/s\", \"20/m burst 100\" "
            "or \"1000/h\", or \"off\""_s);
        row("endless burst", u"rate_limits.sender"_s, u"1/h burst 1000000000"_s,
            u"\"1/h burst 1000000000\" is not a rate; give a rate such as \"100/s\", \"20/m "
            "burst 100\" or \"1000/h\", or \"off\""_s);
        row("network", u"trusted_proxies"_s, u"10.0.0.0/8,proxy.example.com"_s,
            u"\"proxy.example.com\" is not an address or a network; give an address or a network "
            "such as 127.0.0.1, 10.0.0.0/8 or fd00::/8, with no bits set after the prefix"_s);
        row("network with a host", u"trusted_proxies"_s, u"10.0.0.1/8"_s,
            u"\"10.0.0.1/8\" is not an address or a network; give an address or a network such "
            "as 127.0.0.1, 10.0.0.0/8 or fd00::/8, with no bits set after the prefix"_s);
        row("VAPID key", u"reliability.tracking_keys"_s, u"BA1Hxzyi1RUM1b5w"_s,
            u"\"BA1Hxzyi1RUM1b5w\" is not a VAPID public key; give the uncompressed P-256 point in "
            "base64url, 87 characters, as `carillon vapid` prints it"_s);
        row("rule's category", u"log.rules"_s, u"carillon.nte=debug"_s,
            u"there is no category \"carillon.nte\"; give one of carillon.app, carillon.net, "
            "carillon.endpoint, carillon.connect, carillon.routing, carillon.storage, "
            "carillon.requests, carillon.sessions, carillon.admin, carillon.*"_s);
        row("rule", u"log.rules"_s, u"carillon.net=loud"_s,
            u"\"carillon.net=loud\" is not a rule; give a rule such as \"carillon.net=debug\" "
            "(levels: debug, info, warning, error)"_s);
    }
    void badValue_isNamedWithItsFaultAndTheWayToMendIt()
    {
        QFETCH(QString, setting);
        QFETCH(QString, value);
        QFETCH(QString, problem);
        const QStringList problems =
            Sources().flags({ u"--set"_s, setting + u'=' + value }).problems();
        QCOMPARE(problems, QStringList(problem));
        QVERIFY(!problems.first().contains("s3cret"_L1));
    }

    void badSecret_isNamedByItsPlaceOnly_data()
    {
        QTest::addColumn<QString>("variable");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("fault");
        QTest::newRow("no fernet key") << u"CARILLON__KEYS__CRYPTO_KEYS"_s << SomeKey + u",s3cret"_s
                                       << u"keys.crypto_keys: key 2 of 2 is not a Fernet key"_s;
        QTest::newRow("short fernet key") << u"CARILLON__KEYS__CRYPTO_KEYS"_s << SomeKey.mid(4)
                                          << u"keys.crypto_keys: key 1 of 1 is not a Fernet key"_s;
        QTest::newRow("empty auth key") << u"CARILLON__KEYS__AUTH_KEYS"_s << u"[s3cret,]"_s
                                        << u"keys.auth_keys: key 2 of 2 is empty"_s;
        QTest::newRow("no auth key")
            << u"CARILLON__KEYS__AUTH_KEYS"_s << u"[]"_s << u"keys.auth_keys: the list is empty"_s;
        QTest::newRow("spaces") << u"CARILLON__KEYS__AUTH_KEYS"_s << u"s3cret s3cret"_s
                                << u"keys.auth_keys: key 1 of 1 contains characters"_s;
        QTest::newRow("short secret") << u"CARILLON__KEYS__CLUSTER_SECRET"_s << u"s3cret"_s
                                      << u"keys.cluster_secret: the secret is too short"_s;
    }
    void badSecret_isNamedByItsPlaceOnly()
    {
        QFETCH(QString, variable);
        QFETCH(QString, value);
        QFETCH(QString, fault);
        const QStringList problems = Sources().variable(variable, value).problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY2(problems.first().startsWith(fault), qUtf8Printable(problems.first()));
        QVERIFY(problems.first().contains(variable));
        QVERIFY(!problems.first().contains("s3cret"_L1));
        QVERIFY(!problems.first().contains(SomeKey.mid(4)));
    }

    void urlPrefixes_endWhereANameFollows_data()
    {
        QTest::addColumn<QString>("given");
        QTest::addColumn<QByteArray>("kept");
        const auto row = [](const QString &given, const QByteArray &kept) {
            QTest::newRow(qUtf8Printable(given)) << given << kept;
        };
        row(u""_s, "http://127.0.0.1:8082/errors/");
        row(u"https://example.com"_s, "https://example.com/");
        row(u"https://example.com/errors"_s, "https://example.com/errors/");
        row(u"https://example.com/errors/"_s, "https://example.com/errors/");
        row(u"https://example.com/errors.html#"_s, "https://example.com/errors.html#");
        row(u"https://example.com/?error="_s, "https://example.com/?error=");
        row(u"https://example.com/ä"_s, "https://example.com/%C3%A4/");
    }
    void urlPrefixes_endWhereANameFollows()
    {
        QFETCH(QString, given);
        QFETCH(QByteArray, kept);
        const LoadedSettings loaded =
            Sources().flags({ u"--set"_s, u"endpoint.error_docs_url="_s + given }).loaded();
        QCOMPARE(errorPagesUrl(loaded.settings), kept);
    }

    void durations_takeFractionsAndUnits()
    {
        const auto interval = [](const QString &toml) {
            return Sources()
                .toml(u"[connect]\nauto_ping_interval = "_s + toml)
                .loaded()
                .settings.connect.autoPingInterval;
        };
        QCOMPARE(interval(u"300"_s), 300s);
        QCOMPARE(interval(u"0.5"_s), 500ms);
        QCOMPARE(interval(u"\"250ms\""_s), 250ms);
        QCOMPARE(interval(u"\"5m\""_s), 5min);
        QCOMPARE(Sources()
                     .toml(u"[storage]\nclient_lifetime = 30"_s)
                     .loaded()
                     .settings.storage.clientLifetime,
                 std::chrono::seconds(30 * 24h));
        QCOMPARE(Sources().toml(u"[storage]\nack_wait = 5"_s).loaded().settings.storage.ackWait,
                 5ms);
    }

    void sizes_takeUnits()
    {
        const Settings settings =
            Sources()
                .toml(u"[storage]\nmax_bytes = \"1 MiB\"\nwal_limit = 2097152\n"
                      "[connect]\nmax_message_bytes = \"32kib\"\n"_s)
                .loaded()
                .settings;
        QCOMPARE(settings.storage.limits.maxBytes, std::int64_t(1) << 20);
        QCOMPARE(settings.storage.walLimit, std::int64_t(2) << 20);
        QCOMPARE(settings.limits.webSocketMessageBytes, std::int64_t(32) << 10);
    }

    void lists_comeInEveryFormat_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << u"one,two"_s;
        QTest::newRow("brackets") << u"[one,two]"_s;
        QTest::newRow("spaces") << u" [ one , two ] "_s;
        QTest::newRow("quotes") << u"[\"one\", 'two']"_s;
        QTest::newRow("lines") << u"one\ntwo\n"_s;
    }
    void lists_comeInEveryFormat()
    {
        QFETCH(QString, text);
        const std::vector<Secret> both { Secret("one"_ba), Secret("two"_ba) };
        QCOMPARE(Sources()
                     .variable(u"CARILLON__KEYS__AUTH_KEYS"_s, text)
                     .loaded()
                     .settings.keys.authKeys,
                 both);
    }

    void lists_inToml_areArrays()
    {
        const Settings settings =
            Sources()
                .toml(u"[log]\nrules = [\"carillon.net=debug\", \"carillon.*=error\"]\n"_s)
                .loaded()
                .settings;
        const std::vector<LogRule> rules { { u"carillon.net"_s, LogLevel::Debug },
                                           { u"carillon.*"_s, LogLevel::Error } };
        QCOMPARE(settings.log.rules, rules);
        QVERIFY(Sources()
                    .toml(u"[connect]\nport = [1, 2]"_s)
                    .problems()
                    .first()
                    .contains("a list is not allowed here"_L1));
    }

    void frequencies_haveACount_aTime_andABurst_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("count");
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<qint64>("burst");
        QTest::newRow("second") << u"100/s"_s << qint64(100) << qint64(1) << qint64(100);
        QTest::newRow("minute") << u"20/m burst 100"_s << qint64(20) << qint64(60) << qint64(100);
        QTest::newRow("hour") << u"1000 / h burst 1"_s << qint64(1'000) << qint64(3'600)
                              << qint64(1);
        QTest::newRow("off") << u"off"_s << qint64(0) << qint64(1) << qint64(0);
    }
    void frequencies_haveACount_aTime_andABurst()
    {
        QFETCH(QString, text);
        QFETCH(qint64, count);
        QFETCH(qint64, seconds);
        QFETCH(qint64, burst);
        const Rate expected { count, std::chrono::seconds(seconds), burst };
        const auto rate = [](const QString &value) {
            return Sources()
                .toml(u"[limits]\naccept_rate = \"%1\""_s.arg(value))
                .loaded()
                .settings.connections.acceptRate;
        };
        QCOMPARE(rate(text), expected);
        // And as it is listed.
        Settings settings;
        settings.connections.acceptRate = expected;
        QString listed = findSetting(u"limits.accept_rate"_s)->write(settings);
        QCOMPARE(rate(listed.remove(u'"')), expected);
    }

    void networks_areOfBothFamilies()
    {
        const auto networks = [](const QString &text) {
            return Sources()
                .variable(u"CARILLON__TRUSTED_PROXIES"_s, text)
                .loaded()
                .settings.trustedProxies;
        };
        QCOMPARE(networks(u"127.0.0.1, 10.0.0.0/8, fd00::/8"_s),
                 (std::vector { IpNetwork::parse("127.0.0.1").value(),
                                IpNetwork::parse("10.0.0.0/8").value(),
                                IpNetwork::parse("fd00::/8").value() }));
        QVERIFY(networks(u"[]"_s).empty());
    }

    void databases_areNamedByScheme()
    {
        const auto dsn = [](const QString &text) {
            return Sources().flags({ u"--db"_s, text }).loaded().settings.storage.dsn;
        };
        QCOMPARE(dsn(u"memory:"_s), (StorageDsn { StorageBackend::Memory, {} }));
        QCOMPARE(dsn(u"sqlite:push.db"_s), (StorageDsn { StorageBackend::Sqlite, u"push.db"_s }));
        QCOMPARE(dsn(u"sqlite:///srv/push.db"_s),
                 (StorageDsn { StorageBackend::Sqlite, u"/srv/push.db"_s }));
    }

    void addresses_mayBeOfBothFamilies()
    {
        const auto host = [](const QString &text) {
            return Sources().flags({ u"--connect-host"_s, text }).loaded().settings.connect.host;
        };
        const QHostAddress loopback4(QHostAddress::LocalHost);
        const QHostAddress loopback6(QHostAddress::LocalHostIPv6);
        QCOMPARE(host(u"127.0.0.1"_s), Addresses { loopback4 });
        QCOMPARE(host(u"::1"_s), Addresses { loopback6 });
        QCOMPARE(host(u"[::1]"_s), Addresses { loopback6 });
        QCOMPARE(host(u"localhost"_s), (Addresses { loopback4, loopback6 }));
        QCOMPARE(host(u"[\"::1\", \"127.0.0.1\"]"_s), (Addresses { loopback6, loopback4 }));
    }

    void addresses_thatAreCovered_areLeftOut()
    {
        const auto written = [](const QString &text) {
            const SettingKinds::ListenAddresses kind;
            const auto read = kind.read({ { text }, false, {} });
            return read ? kind.write(*read) : read.error().fault;
        };
        QCOMPARE(written(u"127.0.0.1,127.0.0.1"_s), u"\"127.0.0.1\""_s);
        QCOMPARE(written(u"0.0.0.0,::"_s), u"\"::\""_s);
        QCOMPARE(written(u"::,0.0.0.0"_s), u"\"::\""_s);
        QCOMPARE(written(u"127.0.0.1,0.0.0.0,::1"_s), u"[\"0.0.0.0\", \"::1\"]"_s);
        QCOMPARE(written(u"[]"_s), u"there is no address to listen on"_s);
    }
};

QTEST_APPLESS_MAIN(TestSettingValues)
#include "tst_settingvalues.moc"
