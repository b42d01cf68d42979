// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingschecks.h"
#include "tests/server/settings/settingsfixture.h"

#include <QTest>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Where settings come from and which source wins; rules between settings.
class TestSettings : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingConfigured_isCompleteAndLocal()
    {
        const auto [settings, warnings, origins] = Sources().loaded();
        QVERIFY(warnings.isEmpty());
        QCOMPARE(settings.endpoint.url, "http://127.0.0.1:8082"_ba);
        QCOMPARE(settings.router.url, "http://127.0.0.1:8081"_ba);
        QCOMPARE(settings.state.dir, u"/home/me/.local/state/carillon"_s);
        QCOMPARE(settings.storage.dsn.path, u"/home/me/.local/state/carillon/carillon.db"_s);
        QVERIFY(!listensPublicly(settings));
        QCOMPARE(origins.size(), static_cast<qsizetype>(settingsTable().size()));
    }

    void eachSource_overridesTheWeakerOnes()
    {
        Sources sources;
        sources.variable(u"AUTOCONNECT__DB_DSN"_s, u"memory:"_s);
        sources.variable(u"AUTOCONNECT__CRYPTO_KEY"_s, SomeKey);
        sources.variable(u"AUTOCONNECT__PORT"_s, u"9001"_s);
        QCOMPARE(sources.loaded().settings.connect.port, quint16(9001));
        sources.toml(u"[connect]\nport = 9002\n"_s);
        QCOMPARE(sources.loaded().settings.connect.port, quint16(9002));
        sources.toml(u"[connect]\nport = 9003\n"_s);
        QCOMPARE(sources.loaded().settings.connect.port, quint16(9003));
        sources.variable(u"CARILLON__CONNECT__PORT"_s, u"9004"_s);
        QCOMPARE(sources.loaded().settings.connect.port, quint16(9004));
        sources.flags({ u"--connect-port"_s, u"9005"_s });
        QCOMPARE(sources.loaded().settings.connect.port, quint16(9005));
        QCOMPARE(sources.loaded().origins.value(u"connect.port"_s), u"--connect-port"_s);
    }

    void origins_nameFileAndLine()
    {
        Sources sources;
        sources.toml(u"workers = 3\n\n[storage]\nsync = \"normal\"\n"_s);
        const LoadedSettings loaded = sources.loaded();
        QCOMPARE(loaded.settings.workers, 3);
        QVERIFY(!loaded.settings.storage.fullSync);
        QCOMPARE(loaded.origins.value(u"storage.sync"_s),
                 sources.path(u"carillon1.toml"_s) + u":4"_s);
        QCOMPARE(loaded.origins.value(u"storage.window"_s), u"default"_s);
    }

    void flags_comeInEverySpelling()
    {
        const Settings settings =
            Sources()
                .flags({ u"--connect-port=9000"_s, u"--set"_s, u"endpoint.port=9001"_s, u"--db"_s,
                         u"memory:"_s, u"--allow-insecure-transport"_s, u"--role"_s, u"connect"_s,
                         u"--dev=false"_s })
                .loaded()
                .settings;
        QCOMPARE(settings.connect.port, quint16(9000));
        QCOMPARE(settings.endpoint.port, quint16(9001));
        QCOMPARE(settings.storage.dsn.backend, StorageBackend::Memory);
        QVERIFY(settings.allowInsecureTransport);
        QCOMPARE(settings.role, Role::Connect);
        QVERIFY(!settings.dev);
    }

    void flags_leaveOtherArgumentsAlone()
    {
        QStringList arguments { u"header"_s, u"--connect-port"_s, u"9000"_s, u"--sample"_s };
        const auto source = takeSettingFlags(arguments);
        QVERIFY(source);
        QCOMPARE(source->flags.keys(), QStringList(u"connect.port"_s));
        QCOMPARE(arguments, QStringList({ u"header"_s, u"--sample"_s }));
    }

    void flagWithoutValue_isNamed()
    {
        QCOMPARE(
            Sources().flags({ u"--connect-port"_s, u"--dev"_s }).problems(),
            QStringList(u"--connect-port: the value is missing; write --connect-port VALUE"_s));
    }

    void unknownName_suggestsTheNearest_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("problem");
        QTest::newRow("toml") << u"[connect]\nprot = 1"_s
                              << u"connect.prot: there is no such setting; did you mean "
                                 "connect.port? (carillon1.toml:2)"_s;
        QTest::newRow("variable") << u"CARILLON__ENDPOINT__URI"_s
                                  << u"CARILLON__ENDPOINT__URI: there is no such setting; did you "
                                     "mean CARILLON__ENDPOINT__URL?"_s;
        QTest::newRow("set") << u"--set=storage.snyc=full"_s
                             << u"--set storage.snyc: there is no such setting; did you mean "
                                "--storage-sync?"_s;
        QTest::newRow("nothing near")
            << u"xyzzyplugh = 1"_s
            << u"xyzzyplugh: there is no such setting; remove it; `carillon check-config --sample` "
               "shows all settings (carillon1.toml:1)"_s;
    }
    void unknownName_suggestsTheNearest()
    {
        QFETCH(QString, source);
        QFETCH(QString, problem);
        Sources sources;
        if (source.startsWith("CARILLON"_L1))
            sources.variable(source, u"1"_s);
        else if (source.startsWith("--"_L1))
            sources.flags({ source });
        else
            sources.toml(source);
        QCOMPARE(sources.problems(), QStringList(problem));
    }

    void variableWithOneUnderscore_isNamedWithTheRightOne_data()
    {
        QTest::addColumn<QString>("variable");
        QTest::addColumn<QString>("meant");
        const auto row = [](const char *variable, const char *meant) {
            QTest::newRow(variable) << QString::fromLatin1(variable) << QString::fromLatin1(meant);
        };
        row("CARILLON_CONNECT_PORT", "CARILLON__CONNECT__PORT");
        row("CARILLON_CONNECT__PORT", "CARILLON__CONNECT__PORT");
        row("CARILLON_CONNECT_MAX_CHANNELS", "CARILLON__CONNECT__MAX_CHANNELS");
        row("CARILLON_RATE_LIMITS_SENDER", "CARILLON__RATE_LIMITS__SENDER");
        row("CARILLON_KEYS_CRYPTO_KEYS_FILE", "CARILLON__KEYS__CRYPTO_KEYS_FILE");
        row("CARILLON_DEV", "CARILLON__DEV");
        row("CARILLON_ENDPOINT_PROT", "CARILLON__ENDPOINT__PORT");
        row("CARILLON__CONNECT_PORT", "CARILLON__CONNECT__PORT");
    }
    void variableWithOneUnderscore_isNamedWithTheRightOne()
    {
        QFETCH(const QString, variable);
        QFETCH(const QString, meant);
        QCOMPARE(
            Sources().variable(variable, u"1"_s).problems(),
            QStringList(u"%1: there is no such setting; did you mean %2?"_s.arg(variable, meant)));
    }

    void variablesOfOthers_areLeftAlone()
    {
        Sources sources;
        for (const QString &name : { u"CARILLON_BIN"_s, u"CARILLON_VERSION"_s, u"CARILLON_LAYOUT"_s,
                                     u"CARILLON"_s, u"CARILLON_"_s })
            sources.variable(name, u"1"_s);
        // What Kubernetes sets for services that are named carillon and carillon-connect.
        sources.variable(u"CARILLON_SERVICE_HOST"_s, u"10.0.0.1"_s)
            .variable(u"CARILLON_SERVICE_PORT"_s, u"8080"_s)
            .variable(u"CARILLON_CONNECT_SERVICE_HOST"_s, u"10.0.0.1"_s)
            .variable(u"CARILLON_CONNECT_SERVICE_PORT"_s, u"8080"_s)
            .variable(u"CARILLON_CONNECT_PORT"_s, u"tcp://10.0.0.1:8080"_s)
            .variable(u"CARILLON_CONNECT_PORT_8080_TCP"_s, u"tcp://10.0.0.1:8080"_s)
            .variable(u"CARILLON_CONNECT_PORT_8080_TCP_PORT"_s, u"8080"_s)
            .variable(u"CARILLON_CONNECT_PORT_8080_TCP_ADDR"_s, u"10.0.0.1"_s);
        QCOMPARE(sources.problems(), QStringList());
    }

    void allProblems_areToldAtOnce()
    {
        Sources sources;
        sources.toml(u"wrokers = 1\n[connect]\nport = \"x\"\n"_s)
            .variable(u"CARILLON__STORAGE__WINDOW"_s, u"0"_s);
        QCOMPARE(sources.problems().size(), 3);
    }

    void brokenToml_namesThePlaceAndNoContent()
    {
        const QStringList problems =
            Sources().toml(u"[keys]\nauth_keys = [\"s3cret\n"_s).problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().startsWith("carillon1.toml:2:"_L1));
        QVERIFY(!problems.first().contains("s3cret"_L1));
    }

    void missingFile_isAProblem()
    {
        const QStringList problems =
            Sources().flags({ u"--config"_s, u"/nowhere/carillon.toml"_s }).problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().startsWith("/nowhere/carillon.toml cannot be read"_L1));
    }

    void secrets_comeFromFiles()
    {
        Sources sources;
        const QString one = sources.write(u"one"_s, SomeKey + u'\n');
        const QString two = sources.write(u"two"_s, SomeKey + u'\n' + OtherKey + u'\n');
        const std::vector<Secret> both { Secret(SomeKey.toLatin1()), Secret(OtherKey.toLatin1()) };
        sources.toml(u"[keys]\ncrypto_keys_file = \"%1\"\n"_s.arg(one));
        QCOMPARE(sources.loaded().settings.keys.cryptoKeys,
                 std::vector(both.begin(), both.begin() + 1));
        sources.variable(u"CARILLON__KEYS__CRYPTO_KEYS_FILE"_s, two);
        QCOMPARE(sources.loaded().settings.keys.cryptoKeys, both);
        sources.flags({ u"--keys-crypto-keys-file"_s, one });
        QCOMPARE(sources.loaded().settings.keys.cryptoKeys.size(), size_t(1));
    }

    void secretAsFlag_isRefusedWithoutRepeatingIt()
    {
        for (const QStringList &arguments :
             { QStringList { u"--keys-auth-keys"_s, u"s3cret"_s },
               QStringList { u"--set"_s, u"keys.auth_keys=s3cret"_s } }) {
            const QStringList problems = Sources().flags(arguments).problems();
            QCOMPARE(problems.size(), 1);
            QVERIFY(problems.first().contains("--keys-auth-keys-file FILE"_L1));
            QVERIFY(!problems.first().contains("s3cret"_L1));
        }
    }

    void valueAndFile_ofOneSource_areAProblem()
    {
        Sources sources;
        sources.variable(u"CARILLON__KEYS__AUTH_KEYS"_s, u"a"_s)
            .variable(u"CARILLON__KEYS__AUTH_KEYS_FILE"_s, sources.write(u"key"_s, u"b"_s));
        QCOMPARE(sources.problems(),
                 QStringList(u"CARILLON__KEYS__AUTH_KEYS_FILE: set twice; remove this one or "
                             "that of CARILLON__KEYS__AUTH_KEYS"_s));
    }

    void fileVariant_ofWhatIsNoSecret_isUnknown()
    {
        QVERIFY(Sources()
                    .variable(u"CARILLON__CONNECT__PORT_FILE"_s, u"x"_s)
                    .problems()
                    .first()
                    .contains("there is no such setting"_L1));
    }

    void stateDirectory_followsServiceXdgAndHome()
    {
        Sources sources;
        QCOMPARE(sources.loaded().settings.state.dir, u"/home/me/.local/state/carillon"_s);
        sources.variable(u"XDG_STATE_HOME"_s, u"/state"_s);
        QCOMPARE(sources.loaded().settings.state.dir, u"/state/carillon"_s);
        sources.variable(u"STATE_DIRECTORY"_s, u"/var/lib/carillon/:/var/lib/other"_s);
        QCOMPARE(sources.loaded().settings.state.dir, u"/var/lib/carillon"_s);
        QCOMPARE(Sources().variable(u"HOME"_s, {}).loaded().settings.state.dir,
                 u"/var/lib/carillon"_s);
    }

    void dev_logsEverything_unlessToldOtherwise()
    {
        QCOMPARE(Sources().flags({ u"--dev"_s }).loaded().settings.log.level, LogLevel::Debug);
        QCOMPARE(Sources()
                     .flags({ u"--dev"_s, u"--log-level"_s, u"warning"_s })
                     .loaded()
                     .settings.log.level,
                 LogLevel::Warning);
    }

    void publicAddress_needsMadeKeys()
    {
        Sources sources;
        sources.toml(u"[connect]\nhost = \"192.0.2.1\"\n"_s);
        const QStringList problems = sources.problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().startsWith(
            "keys.crypto_keys: there are no keys, and connect.host"_L1));
        QVERIFY(problems.first().contains("carillon keygen"_L1));
        sources.variable(u"CARILLON__KEYS__CRYPTO_KEYS"_s, SomeKey);
        QVERIFY(listensPublicly(sources.loaded().settings));
    }

    void publicAddress_ofAnotherRole_isNoConcern()
    {
        QVERIFY(Sources()
                    .toml(u"role = \"connect\"\n[endpoint]\nhost = \"0.0.0.0\"\n"
                          "url = \"https://push.example.com\"\n"_s)
                    .problems()
                    .isEmpty());
    }

    void transport_thatWasNotBuilt_isRefused()
    {
        const QStringList problems = Sources().flags({ u"--transport"_s, u"qt"_s }).problems();
        if (isBuiltIn(TransportKind::Qt)) {
            QCOMPARE(problems, QStringList());
            return;
        }
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().startsWith("transport: "_L1));
        QVERIFY(problems.first().contains("CARILLON_QT_TRANSPORT=ON"_L1));
        QVERIFY(problems.first().endsWith("(--transport)"_L1));
    }

    void publicAddress_needsConsentToTheQtTransport()
    {
        if (!isBuiltIn(TransportKind::Qt))
            QSKIP("this build has no qt transport");
        const QStringList problems =
            Sources()
                .variable(u"CARILLON__KEYS__CRYPTO_KEYS"_s, SomeKey)
                .flags({ u"--transport"_s, u"qt"_s, u"--router-host"_s, u"192.0.2.1"_s })
                .problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().contains("allow_insecure_transport = true"_L1));
        QVERIFY(problems.first().endsWith("(--router-host)"_L1));
    }

    void publicAddress_isTheNativeTransportsOwn()
    {
        QVERIFY(Sources()
                    .variable(u"CARILLON__KEYS__CRYPTO_KEYS"_s, SomeKey)
                    .flags({ u"--router-host"_s, u"192.0.2.1"_s })
                    .problems()
                    .isEmpty());
    }

    void publicAddress_andDev_excludeEachOther()
    {
        QVERIFY(Sources()
                    .variable(u"CARILLON__KEYS__CRYPTO_KEYS"_s, SomeKey)
                    .flags({ u"--dev"_s, u"--allow-insecure-transport"_s, u"--endpoint-host"_s,
                             u"192.0.2.1"_s })
                    .problems()
                    .first()
                    .contains("dev is for loopback only"_L1));
    }

    void proxyProtocol_needsTrustedProxies_andTheNativeTransport()
    {
        QStringList problems = Sources().flags({ u"--proxy-protocol"_s, u"true"_s }).problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().startsWith("proxy_protocol: trusted_proxies is empty"_L1));
        if (!isBuiltIn(TransportKind::Qt))
            QSKIP("this build has no qt transport");
        problems = Sources()
                       .flags({ u"--proxy-protocol"_s, u"true"_s, u"--trusted-proxies"_s,
                                u"127.0.0.1"_s, u"--transport"_s, u"qt"_s })
                       .problems();
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().startsWith("proxy_protocol: transport \"qt\""_L1));
        QVERIFY(
            Sources()
                .flags({ u"--proxy-protocol"_s, u"true"_s, u"--trusted-proxies"_s, u"127.0.0.1"_s })
                .problems()
                .isEmpty());
    }

    void limitsByAddress_behindAProxyThatIsNotNamed_areDoubted()
    {
        const auto doubts = [](const QString &toml) {
            return Sources().toml(toml).loaded().warnings;
        };
        const QString rates = u"[rate_limits]\naddress = \"1/s\"\n"_s;
        QCOMPARE(doubts(rates).size(), 1);
        QVERIFY(doubts(rates).first().startsWith("rate_limits.address: "_L1));
        QVERIFY(doubts(rates).first().contains("trusted_proxies"_L1));
        QVERIFY(doubts(u"[limits]\nconnections_per_address = 10\n"_s)
                    .first()
                    .startsWith("limits.connections_per_address: "_L1));
        QVERIFY(doubts(u"[rate_limits]\nnew_client = \"1/s\"\n"_s)
                    .first()
                    .startsWith("rate_limits.new_client: "_L1));
        // By default, named, public, or not by address: no doubt.
        QVERIFY(doubts({}).isEmpty());
        QVERIFY(doubts(u"trusted_proxies = [\"127.0.0.1\"]\n"_s + rates).isEmpty());
        QVERIFY(doubts(u"role = \"connect\"\nkeys.crypto_keys = [\"%1\"]\n"
                       "connect.host = \"203.0.113.1\"\n"_s.arg(SomeKey)
                       + rates)
                    .isEmpty());
        QVERIFY(doubts(u"[rate_limits]\nsender = \"1/s\"\n"_s).isEmpty());
        QVERIFY(doubts(u"[limits]\nconnections_per_address = 0\n"_s).isEmpty());
    }

    void memory_withTheRolesApart_isDoubted()
    {
        const auto doubts = [](const QString &role, const QString &dsn) {
            return Sources()
                .flags({ u"--role"_s, role, u"--storage-dsn"_s, dsn })
                .loaded()
                .warnings;
        };
        for (const QString &role : { u"connect"_s, u"endpoint"_s }) {
            QCOMPARE(doubts(role, u"memory:"_s).size(), 1);
            QVERIFY(doubts(role, u"memory:"_s).first().startsWith("storage.dsn: "_L1));
            QVERIFY(doubts(role, u"sqlite:/srv/carillon.db"_s).isEmpty());
        }
        QVERIFY(doubts(u"all"_s, u"memory:"_s).isEmpty());
    }

    void wildcardAddress_needsAUrl()
    {
        Sources sources;
        sources.variable(u"CARILLON__KEYS__CRYPTO_KEYS"_s, SomeKey)
            .flags({ u"--endpoint-host"_s, u"0.0.0.0"_s });
        QCOMPARE(sources.problems().size(), 1);
        QVERIFY(sources.problems().first().startsWith("endpoint.url: it is not set"_L1));
        sources.variable(u"CARILLON__ENDPOINT__URL"_s, u"https://push.example.com:443/"_s);
        QCOMPARE(sources.loaded().settings.endpoint.url, "https://push.example.com"_ba);
    }

    void onePort_forTwoListeners_isRefused()
    {
        QCOMPARE(Sources().flags({ u"--endpoint-port"_s, u"8080"_s }).problems(),
                 QStringList(u"endpoint.port: 8080 is also the value of connect.port; give each "
                             "listener its own port"_s));
        QVERIFY(Sources()
                    .flags({ u"--endpoint-port=0"_s, u"--connect-port=0"_s })
                    .problems()
                    .isEmpty());
    }

    void samePort_onAddressesThatMeet_isRefused()
    {
        const auto faults = [](const QString &connect, const QString &endpoint) {
            return Sources()
                .flags({ u"--connect-host"_s, connect, u"--endpoint-host"_s, endpoint,
                         u"--connect-port=9000"_s, u"--endpoint-port=9000"_s,
                         u"--endpoint-url=http://push.example.com"_s })
                .problems()
                .filter(u"give each listener its own port"_s)
                .size();
        };
        QCOMPARE(faults(u"127.0.0.1"_s, u"127.0.0.2"_s), 0);
        QCOMPARE(faults(u"127.0.0.1"_s, u"::1"_s), 0);
        QCOMPARE(faults(u"localhost"_s, u"::1"_s), 1);
        QCOMPARE(faults(u"0.0.0.0"_s, u"127.0.0.2"_s), 1);
        QCOMPARE(faults(u"127.0.0.2"_s, u"::"_s), 1);
    }

    void oneWildcardAmongAddresses_asksForAUrl()
    {
        QVERIFY(Sources()
                    .flags({ u"--endpoint-host=127.0.0.1,0.0.0.0"_s })
                    .problems()
                    .contains(u"endpoint.url: it is not set, and endpoint.host is not a single "
                              "address; set it to the URL that senders use, such as "
                              "https://push.example.com"_s));
        QCOMPARE(Sources().flags({ u"--endpoint-host=localhost"_s }).loaded().settings.endpoint.url,
                 "http://127.0.0.1:8082"_ba);
    }

    void oneAddressInReach_isPublic()
    {
        const QStringList problems =
            Sources().flags({ u"--dev"_s, u"--connect-host=127.0.0.1,192.0.2.1"_s }).problems();
        QVERIFY2(problems.join(u'\n').contains(
                     u"192.0.2.1 can be reached from other machines, but dev"_s),
                 qPrintable(problems.join(u'\n')));
    }

    void freePort_leavesTheUrlOpen()
    {
        QVERIFY(
            Sources().flags({ u"--endpoint-port=0"_s }).loaded().settings.endpoint.url.isEmpty());
    }

    void origins_leaveDefaultPortsOut()
    {
        QCOMPARE(httpOrigin(u"http"_s, u"a"_s, 80), "http://a"_ba);
        QCOMPARE(httpOrigin(u"https"_s, u"a"_s, 443), "https://a"_ba);
        QCOMPARE(httpOrigin(u"https"_s, u"a"_s, 80), "https://a:80"_ba);
        Settings settings;
        settings.endpoint.host = { QHostAddress(u"::1"_s) };
        QCOMPARE(httpOrigin(settings, ListenerName::Endpoint), "http://[::1]:8082"_ba);
    }

    void certificate_makesUrlsSecure()
    {
        Sources sources;
        sources.toml(u"transport = \"native\"\n[tls]\ncertificate = \"/a/b.pem\"\n"_s);
        const LoadedSettings loaded = sources.loaded();
        QCOMPARE(loaded.settings.tls.key, u"/a/b.pem"_s);
        QCOMPARE(loaded.origins.value(u"tls.key"_s), u"tls.certificate"_s);
        QCOMPARE(loaded.settings.endpoint.url, "https://127.0.0.1:8082"_ba);
        QCOMPARE(loaded.settings.router.url, "http://127.0.0.1:8081"_ba);
        QCOMPARE(webSocketUrl(loaded.settings), "wss://127.0.0.1:8080/"_ba);
        sources.flags({ u"--endpoint-url=https://push.example.com"_s, u"--connect-port=443"_s });
        QCOMPARE(webSocketUrl(sources.loaded().settings), "wss://push.example.com/"_ba);
    }

    void connectUrl_isWhereClientsAreSent_data()
    {
        QTest::addColumn<QString>("given");
        QTest::addColumn<QByteArray>("used");
        QTest::newRow("none") << u""_s << "ws://127.0.0.1:8080/"_ba;
        QTest::newRow("whole") << u"wss://push.example.com/"_s << "wss://push.example.com/"_ba;
        QTest::newRow("no slash") << u"wss://push.example.com"_s << "wss://push.example.com/"_ba;
        QTest::newRow("port and path")
            << u"ws://push.example.com:81/push"_s << "ws://push.example.com:81/push"_ba;
    }
    void connectUrl_isWhereClientsAreSent()
    {
        QFETCH(const QString, given);
        QFETCH(const QByteArray, used);
        const LoadedSettings loaded = Sources().flags({ u"--connect-url="_s + given }).loaded();
        QCOMPARE(webSocketUrl(loaded.settings), used);
    }

    /// A proxy speaks TLS in front of it, or the listener has a name of its own.
    void connectUrl_isStrongerThanTheListener()
    {
        const Settings settings =
            Sources()
                .toml(u"transport = \"native\"\n[tls]\ncertificate = \"/a/b.pem\"\n[connect]\n"
                      "url = \"wss://clients.example.com/\"\n[endpoint]\n"
                      "url = \"https://push.example.com\"\n"_s)
                .loaded()
                .settings;
        QCOMPARE(webSocketUrl(settings), "wss://clients.example.com/"_ba);
    }

    void tlsListeners_areThoseNamed()
    {
        const Settings settings =
            Sources()
                .toml(u"transport = \"native\"\n[tls]\ncertificate = \"/a/b.pem\"\n"
                      "listeners = [\"router\"]\n"_s)
                .loaded()
                .settings;
        QCOMPARE(settings.endpoint.url, "http://127.0.0.1:8082"_ba);
        QCOMPARE(settings.router.url, "https://127.0.0.1:8081"_ba);
        QCOMPARE(webSocketUrl(settings), "ws://127.0.0.1:8080/"_ba);
    }

    void tlsThatCannotBe_isNamed_data()
    {
        QTest::addColumn<QStringList>("flags");
        QTest::addColumn<QString>("problem");
        const QString certificate = u"--tls-certificate=/a/b.pem"_s;
        const QString native = u"--transport=native"_s;
        if (isBuiltIn(TransportKind::Qt))
            QTest::newRow("transport qt")
                << QStringList { certificate, u"--transport=qt"_s }
                << u"tls.certificate: transport \"qt\" does not support TLS; set transport = "
                   "\"native\", or remove this setting and use a reverse proxy for TLS "
                   "(--tls-certificate)"_s;
        QTest::newRow("key alone")
            << QStringList { u"--tls-key=/a/b.pem"_s }
            << u"tls.key: there is a key but no certificate; set tls.certificate to the "
               "certificate's file, or remove this setting (--tls-key)"_s;
        QTest::newRow("listeners alone")
            << QStringList { u"--tls-listeners=router"_s }
            << u"tls.listeners: there is no certificate for these listeners; set tls.certificate "
               "to the certificate's file, or remove this setting (--tls-listeners)"_s;
        QTest::newRow("plain endpoint.url")
            << QStringList { certificate, native, u"--endpoint-url=http://push.example.com"_s }
            << u"endpoint.url: it begins with http:, but that listener uses TLS; change it to "
               u"https:, "
               "or remove the listener from tls.listeners (--endpoint-url)"_s;
        QTest::newRow("unknown listener")
            << QStringList { certificate, native, u"--tls-listeners=endpiont"_s }
            << u"tls.listeners: \"endpiont\" is not a valid value; did you mean \"endpoint\"? "
               "valid values are connect, endpoint, router, admin (--tls-listeners)"_s;
        QTest::newRow("no listener") << QStringList { certificate, native, u"--tls-listeners=[]"_s }
                                     << u"tls.listeners: the list is empty; give one or more of "
                                        u"connect, endpoint, router, admin "
                                        "(--tls-listeners)"_s;
    }
    void tlsThatCannotBe_isNamed()
    {
        QFETCH(QStringList, flags);
        QFETCH(QString, problem);
        QCOMPARE(Sources().flags(flags).problems(), QStringList(problem));
    }
};

QTEST_APPLESS_MAIN(TestSettings)
#include "tst_settings.moc"
