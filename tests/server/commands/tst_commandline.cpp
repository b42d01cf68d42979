// SPDX-License-Identifier: MPL-2.0
#include "tests/server/commands/commandtest.h"
#include "tests/support/httppeer.h"
#include "tests/support/pushclient.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// These arguments, settings for free ports before the last ones.
QStringList onFreePorts(const QStringList &arguments, const QStringList &last)
{
    QStringList ports;
    const std::vector<quint16> free = freePorts(3);
    const QStringList names { u"--connect-port"_s, u"--endpoint-port"_s, u"--router-port"_s };
    for (qsizetype i = 0; i < names.size(); ++i) {
        if (!last.contains(names[i]))
            ports << names[i] << QString::number(free[static_cast<std::size_t>(i)]);
    }
    return arguments + ports + last;
}

/// Whether a process ignores a signal (proc(5)).
bool ignores(pid_t pid, int signal)
{
    QFile status(u"/proc/%1/status"_s.arg(pid));
    if (!status.open(QIODevice::ReadOnly))
        return false;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("SigIgn:"))
            return (line.mid(7).trimmed().toULongLong(nullptr, 16) >> (signal - 1) & 1) != 0;
    }
    return false;
}

QStringList commandNames()
{
    return { u"serve"_s,   u"keygen"_s,      u"check-config"_s, u"wait"_s,    u"why"_s,
             u"status"_s,  u"top"_s,         u"stats"_s,        u"events"_s,  u"logs"_s,
             u"clients"_s, u"client"_s,      u"messages"_s,     u"message"_s, u"queues"_s,
             u"senders"_s, u"disconnect"_s,  u"purge"_s,        u"block"_s,   u"unblock"_s,
             u"limit"_s,   u"drain"_s,       u"resume"_s,       u"token"_s,   u"audit"_s,
             u"config"_s,  u"admin-stdio"_s, u"completion"_s,   u"send"_s,    u"listen"_s,
             u"firefox"_s, u"vapid"_s };
}

} // namespace

/// The built program, as people and scripts run it.
class TestCommandLine : public CommandTest
{
    Q_OBJECT
private Q_SLOTS:
    void help_listsEveryCommandWithAnExample()
    {
        for (const QStringList &arguments : { QStringList(), QStringList(u"--help"_s) }) {
            const Outcome help = run(arguments);
            QCOMPARE(help.exitCode, 0);
            QVERIFY(help.out.contains("Example:"_L1));
            for (const QString &name : commandNames())
                QVERIFY2(help.out.contains(u"\n  "_s + name), qUtf8Printable(name));
        }
    }

    void helpOfEachCommand_showsAnExample()
    {
        for (const QString &name : commandNames()) {
            const Outcome help = run({ name, u"--nonsense"_s, u"--help"_s });
            QCOMPARE(help.exitCode, 0);
            QVERIFY(help.out.startsWith("Usage: carillon "_L1 + name));
            QVERIFY(help.out.section(u"Example:\n  "_s, 1).contains("carillon "_L1));
        }
    }

    void docs_showEachHelpAsItIsPrinted()
    {
        QFile page(QStringLiteral(CARILLON_SOURCE_DIR "/docs/commands.md"));
        QVERIFY(page.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(page.readAll());
        QVERIFY(text.contains("```\n"_L1 + run({ u"--help"_s }).out + "```\n"_L1));
        for (const QString &name : commandNames()) {
            const QString help = run({ name, u"--help"_s }).out;
            QVERIFY2(text.contains(u"## %1\n\n```\n"_s.arg(name) + help + "```\n"_L1),
                     qUtf8Printable(name));
        }
    }

    void version_isPrinted()
    {
        QCOMPARE(run({ u"--version"_s }).out,
                 u"carillon %1\n"_s.arg(QLatin1StringView(CARILLON_VERSION)));
    }

    void mistypedWords_areUsageErrorsWithASuggestion()
    {
        const Outcome command = run({ u"sevre"_s });
        QCOMPARE(command.exitCode, 2);
        QCOMPARE(
            command.err,
            u"carillon: there is no command sevre, did you mean serve?; `carillon --help` lists "
            "them\n"_s);
        const Outcome option = run({ u"send"_s, u"--urgncy"_s, u"high"_s });
        QCOMPARE(option.exitCode, 2);
        QVERIFY(option.err.contains("there is no option --urgncy, did you mean --urgency?"_L1));
        const Outcome setting = run({ u"check-config"_s, u"--connect-prot"_s, u"1"_s });
        QCOMPARE(setting.exitCode, 2);
        QVERIFY(setting.err.contains("did you mean --connect-port?"_L1));
    }

    void serve_withBadSettings_saysWhatIsWrong()
    {
        const Outcome outcome = run({ u"serve"_s, u"--endpoint-host"_s, u"0.0.0.0"_s });
        QCOMPARE(outcome.exitCode, 2);
        QVERIFY(outcome.err.contains("keys.crypto_keys: there are no keys"_L1));
        QVERIFY(outcome.err.contains("carillon keygen"_L1));
    }

    void keygen_makesWhatServeTakes()
    {
        const Outcome made = run({ u"keygen"_s, u"--out"_s, u"keys.toml"_s });
        QCOMPARE(made.exitCode, 0);
        QCOMPARE(QFile::permissions(path(u"keys.toml"_s))
                     & (QFileDevice::ReadGroup | QFileDevice::ReadOther),
                 QFileDevice::Permissions());
        const Outcome check =
            run({ u"check-config"_s, u"--settings-only"_s, u"--config"_s, u"keys.toml"_s });
        QCOMPARE(check.exitCode, 0);
        QCOMPARE(check.out.count("(1 secret, hidden)"_L1), 3);
        QFile file(path(u"keys.toml"_s));
        QVERIFY(file.open(QIODevice::ReadOnly));
        static const QRegularExpression secret(u"\"([^\"]+)\""_s);
        auto secrets = secret.globalMatch(QString::fromUtf8(file.readAll()));
        while (secrets.hasNext())
            QVERIFY(!check.out.contains(secrets.next().captured(1)));
        const Outcome again = run({ u"keygen"_s, u"--out"_s, u"keys.toml"_s });
        QCOMPARE(again.exitCode, 1);
        QVERIFY(run({ u"keygen"_s }).out.startsWith("[keys]\ncrypto_keys = ["_L1));
    }

    void checkConfig_ofBadSettings_fails()
    {
        const Outcome outcome = run({ u"check-config"_s, u"--set"_s, u"connect.port=x"_s });
        QCOMPARE(outcome.exitCode, 1);
        QCOMPARE(outcome.out, QString());
        QVERIFY(outcome.err.startsWith("carillon: connect.port: \"x\" is not a port"_L1));
    }

    void strayWords_areUsageErrors_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("serve") << QStringList { u"serve"_s, u"stray-word"_s };
        QTest::newRow("check-config") << QStringList { u"check-config"_s, u"stray-word"_s };
        QTest::newRow("keygen") << QStringList { u"keygen"_s, u"stray-word"_s };
        QTest::newRow("vapid") << QStringList { u"vapid"_s, u"stray-word"_s };
        QTest::newRow("listen") << QStringList { u"listen"_s, u"stray-word"_s };
        QTest::newRow("firefox") << QStringList { u"firefox"_s, u"stray-word"_s };
        QTest::newRow("--version") << QStringList { u"--version"_s, u"stray-word"_s };
    }
    void strayWords_areUsageErrors()
    {
        QFETCH(const QStringList, arguments);
        const Outcome outcome = run(arguments);
        QCOMPARE(outcome.exitCode, 2);
        QCOMPARE(outcome.out, QString());
        QVERIFY2(outcome.err.contains("stray-word"_L1), qUtf8Printable(outcome.err));
    }

    void outputThatIsLost_isAFailure_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("redirection");
        const QStringList commands { u"--help"_s,
                                     u"--version"_s,
                                     u"serve --help"_s,
                                     u"keygen"_s,
                                     u"keygen --out lost-keys.toml"_s,
                                     u"vapid"_s,
                                     u"vapid --pem"_s,
                                     u"vapid public --key key.pem"_s,
                                     u"vapid header --key key.pem --endpoint https://a.example/"_s,
                                     u"firefox --print-prefs"_s,
                                     u"check-config --sample"_s };
        for (const QString &command : commands) {
            QTest::addRow("%s, full", qPrintable(command)) << command << u"> /dev/full"_s;
            QTest::addRow("%s, closed", qPrintable(command)) << command << u">&-"_s;
        }
    }
    void outputThatIsLost_isAFailure()
    {
        QFETCH(const QString, command);
        QFETCH(const QString, redirection);
        QFile::remove(path(u"lost-keys.toml"_s));
        if (!QFile::exists(path(u"key.pem"_s)))
            QCOMPARE(run({ u"vapid"_s, u"--out"_s, u"key.pem"_s }).exitCode, 0);
        const Outcome outcome = runInShell(u"\"$0\" "_s + command + u' ' + redirection);
        QCOMPARE(outcome.exitCode, 1);
        QVERIFY2(outcome.err.contains("the output cannot be written"_L1),
                 qUtf8Printable(outcome.err));
    }

    void firefoxThatFails_isAFailure()
    {
        QCOMPARE(run({ u"firefox"_s, u"--browser"_s, u"/bin/true"_s }).exitCode, 0);
        const Outcome failed = run({ u"firefox"_s, u"--browser"_s, u"/bin/false"_s });
        QCOMPARE(failed.exitCode, 1);
        QVERIFY2(failed.err.contains("/bin/false ended with exit code 1"_L1),
                 qUtf8Printable(failed.err));
        QFile killed(path(u"killed"_s));
        QVERIFY(killed.open(QIODevice::WriteOnly));
        killed.write("#!/bin/sh\nkill -9 $$\n");
        killed.close();
        killed.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QCOMPARE(run({ u"firefox"_s, u"--browser"_s, killed.fileName() }).exitCode, 1);
    }

    /// The server and check-config say the same, and neither leaves anything behind.
    void whatKeepsServeFromStarting_isToldByCheckConfig_data()
    {
        QTest::addColumn<QString>("preparation"); // in sh, in the directory of the database
        QTest::addColumn<QStringList>("settings");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("foreign database")
            << u"printf 'no database at all, and longer than its header is' > carillon.db"_s
            << QStringList() << u"carillon.db cannot be used: file is not a database"_s;
        QTest::newRow("database is a directory")
            << u"mkdir carillon.db"_s << QStringList() << u"carillon.db cannot be opened"_s;
        QTest::newRow("directory of the database")
            << QString() << QStringList { u"--db"_s, u"sqlite:/dev/null/x/carillon.db"_s }
            << u"The directory /dev/null/x cannot be created"_s;
        QTest::newRow("keys file") << u"printf '[keys]\ncrypto_keys = [\"x\"]\n' > keys.toml; "
                                      "chmod 600 keys.toml"_s
                                   << QStringList() << u"is not a Fernet key"_s;
        QTest::newRow("certificate")
            << QString() << QStringList { u"--tls-certificate"_s, u"/dev/null/no.pem"_s }
            << u"/dev/null/no.pem"_s;
    }
    void whatKeepsServeFromStarting_isToldByCheckConfig()
    {
        QFETCH(const QString, preparation);
        QFETCH(const QStringList, settings);
        QFETCH(const QString, sentence);
        const QTemporaryDir state;
        QCOMPARE(runInShell(u"cd '%1'; %2"_s.arg(state.path(), preparation)).exitCode, 0);
        const QStringList before = QDir(state.path()).entryList(QDir::AllEntries);
        const QStringList arguments = onFreePorts({ u"--state-dir"_s, state.path() }, settings);
        const Outcome check = run(QStringList(u"check-config"_s) + arguments);
        QCOMPARE(check.exitCode, 1);
        QVERIFY2(check.err.contains(sentence), qUtf8Printable(check.err));
        const Outcome serve = run(QStringList(u"serve"_s) + arguments);
        QCOMPARE(serve.exitCode, 1);
        QCOMPARE(serve.err, check.err);
        QCOMPARE(QDir(state.path()).entryList(QDir::AllEntries), before);
    }

    void portInUse_isToldByCheckConfig()
    {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        const QTemporaryDir state;
        const QStringList free = onFreePorts({ u"--state-dir"_s, state.path() }, {});
        QCOMPARE(run(QStringList(u"check-config"_s) + free).exitCode, 0);
        const QStringList own =
            onFreePorts({ u"--state-dir"_s, state.path() },
                        { u"--connect-port"_s, QString::number(other.serverPort()) });
        const Outcome refused = run(QStringList(u"check-config"_s) + own);
        QCOMPARE(refused.exitCode, 1);
        QVERIFY2(refused.err.contains(QString::number(other.serverPort())),
                 qUtf8Printable(refused.err));
        QCOMPARE(run(QStringList { u"check-config"_s, u"--settings-only"_s } + own).exitCode, 0);
    }

    void tooFewDescriptors_areRefusedAtTheStart()
    {
        const QTemporaryDir state;
        const QString arguments =
            onFreePorts({ u"--workers"_s, u"2"_s, u"--state-dir"_s, state.path() }, {}).join(u' ');
        for (const QString &command : { u"serve"_s, u"check-config"_s }) {
            const Outcome outcome =
                runInShell(u"ulimit -n 24; \"$0\" %1 %2"_s.arg(command, arguments));
            QCOMPARE(outcome.exitCode, 1);
            QVERIFY2(outcome.err.contains("The descriptor limit is 24, but a server with 2 workers "
                                          "needs at least 214"_L1),
                     qUtf8Printable(outcome.err));
        }
    }

    void lostKeys_areRefusedUntilTheLossIsAccepted_data()
    {
        QTest::addColumn<bool>("removed");
        QTest::newRow("removed") << true;
        QTest::newRow("others") << false;
    }
    void lostKeys_areRefusedUntilTheLossIsAccepted()
    {
        QFETCH(const bool, removed);
        TestServer server;
        const QString keysFile = server.filePath(u"all/keys.toml"_s);
        const auto setOther = [&] {
            server.set("keys.crypto_keys_file", server.filePath(u"crypto"_s).toUtf8());
            writeFile(server.filePath(u"crypto"_s), randomFernetKey());
        };
        server.unset("keys.crypto_keys");
        QVERIFY2(server.start(), server.log().constData());
        server.terminate();
        QVERIFY(server.waitForEnd());
        // Nobody has an endpoint yet.
        const QString backup = keysFile + u".backup"_s;
        QVERIFY(QFile::remove(keysFile));
        QVERIFY2(server.start(), server.log().constData());
        {
            PushClient client(server);
            client.hello();
            QVERIFY(!client.subscribe(randomChannel()).isEmpty());
        }
        server.terminate();
        QVERIFY(server.waitForEnd());
        QVERIFY(QFile::copy(keysFile, backup));
        if (removed)
            QVERIFY(QFile::remove(keysFile));
        else
            setOther();
        QVERIFY(!server.start());
        QVERIFY2(server.log().contains("are lost: it has clients, and "), server.log().constData());
        QVERIFY(server.log().contains("Restore the keys from a backup"));
        QVERIFY(server.log().contains("--accept-new-keys"));
        QCOMPARE(QFile::exists(keysFile), !removed); // no new ones were made

        server.unset("keys.crypto_keys_file");
        QFile::remove(keysFile);
        QVERIFY(QFile::copy(backup, keysFile));
        QVERIFY(QFile::setPermissions(keysFile, QFile::ReadOwner | QFile::WriteOwner));
        QVERIFY2(server.start(), server.log().constData());
        server.terminate();
        QVERIFY(server.waitForEnd());
        if (removed)
            QVERIFY(QFile::remove(keysFile));
        else
            setOther();
        server.addArgument(u"--accept-new-keys"_s);
        QVERIFY2(server.start(), server.log().constData());
    }

    void signals_thatAskForNothing_neverEndIt()
    {
        const QTemporaryDir state;
        QProcess process;
        prepare(process);
        process.start(
            binary(),
            onFreePorts(
                { u"serve"_s, u"--state-dir"_s, state.path(), u"--drain-period"_s, u"0.2"_s }, {}));
        QVERIFY(process.waitForStarted());
        const auto pid = static_cast<pid_t>(process.processId());
        QTRY_VERIFY(ignores(pid, SIGUSR1)); // before that it is not our program yet
        const auto harass = [&] {
            for (const int signal : { SIGUSR1, SIGUSR2, SIGPIPE, SIGHUP, SIGXFSZ })
                ::kill(pid, signal);
        };
        QByteArray log;
        const auto sees = [&](const char *text) {
            harass();
            process.waitForReadyRead(5);
            log += process.readAllStandardError();
            return log.contains(text);
        };
        QTRY_VERIFY2(sees(" serves on "), log.constData());
        QTRY_VERIFY2(sees("reloaded"), log.constData());
        process.terminate();
        QElapsedTimer timer;
        timer.start();
        while (process.state() == QProcess::Running && timer.elapsed() < Patience.count()) {
            harass();
            process.waitForFinished(1);
        }
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 0);
    }

    void startWithoutTerminal_saysThreeLinesAtMost_data()
    {
        QTest::addColumn<QStringList>("settings");
        QTest::newRow("first start") << QStringList();
        QTest::newRow("warnings") << QStringList { u"--db"_s,
                                                   u"memory:"_s,
                                                   u"--rate-limits-address"_s,
                                                   u"1/s"_s,
                                                   u"--limits-connections"_s,
                                                   u"9999999"_s };
    }
    void startWithoutTerminal_saysThreeLinesAtMost()
    {
        QFETCH(const QStringList, settings);
        const QTemporaryDir state;
        QProcess process;
        prepare(process);
        process.start(binary(),
                      onFreePorts({ u"serve"_s, u"--state-dir"_s, state.path() }, settings));
        QByteArray log;
        const auto serves = [&] {
            process.waitForReadyRead(50);
            log += process.readAllStandardError();
            return log.contains(" serves");
        };
        QTRY_VERIFY2(serves(), log.constData());
        process.terminate();
        QVERIFY(process.waitForFinished(static_cast<int>(Patience.count())));
        log += process.readAllStandardError();
        const QByteArray start = log.left(log.indexOf("stopping"));
        QVERIFY2(start.count('\n') <= 3, start.constData());
        QCOMPARE(process.readAllStandardOutput(), QByteArray());
    }

    void startOnATerminal_showsTheBanner()
    {
        const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        QVERIFY(terminal >= 0 && ::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0);
        const QTemporaryDir state;
        QProcess process;
        prepare(process);
        process.setStandardOutputFile(QString::fromLocal8Bit(::ptsname(terminal)));
        const std::vector<quint16> free = freePorts(3);
        process.start(binary(),
                      { u"serve"_s, u"--dev"_s, u"--state-dir"_s, state.path(),
                        u"--connect-port=%1"_s.arg(free[0]), u"--endpoint-port=%1"_s.arg(free[1]),
                        u"--router-port=%1"_s.arg(free[2]),
                        u"--connect-url=wss://clients.example.com/"_s });
        QByteArray shown;
        const auto isShown = [&] {
            char bytes[4096];
            for (ssize_t size = 0; (size = ::read(terminal, bytes, sizeof bytes)) > 0;)
                shown.append(bytes, size);
            return shown.contains("Try it") && shown.endsWith('\n');
        };
        QTRY_VERIFY2_WITH_TIMEOUT(isShown(), shown.constData(), static_cast<int>(Patience.count()));
        const QByteArray origin = "http://127.0.0.1:" + QByteArray::number(free[1]);
        for (const QByteArray &part :
             { "wss://clients.example.com/   (Firefox: dom.push.serverURL)"_ba,
               origin + "/wpush/...", state.path().toUtf8() + "/keys.toml",
               "NODE_EXTRA_CA_CERTS=" + state.path().toUtf8() + "/dev-ca.pem",
               "carillon firefox --server wss://clients.example.com/ --page " + origin + "/" })
            QVERIFY2(shown.contains(part), shown.constData());
        // So is it on the page.
        const HttpReply page = HttpPeer(free[1]).get("/");
        QVERIFY2(page.body.contains("wss://clients.example.com/"), page.body.constData());
        process.terminate();
        QVERIFY(process.waitForFinished(static_cast<int>(Patience.count())));
        ::close(terminal);
    }

    void hangUp_namesWhatNeedsARestart()
    {
        TestServer server;
        server.configure("[storage]\nwindow = 5\n[rate_limits]\nsender = \"1/s\"\n");
        QVERIFY2(server.start(), server.log().constData());
        server.configure("[storage]\nwindow = 6\n[rate_limits]\nsender = \"2/s\"\n");
        server.hangUp();
        QTRY_VERIFY(server.log().contains("these changes require a restart: storage.window\n"));
    }

    void vapid_makesKeysThatItsHeaderUses()
    {
        const Outcome made = run({ u"vapid"_s, u"--out"_s, u"vapid.pem"_s });
        QCOMPARE(made.exitCode, 0);
        const QString publicKey = made.out.section(u'\n', 0, 0).section(u' ', -1);
        QCOMPARE(publicKey.size(), 87);
        QCOMPARE(run({ u"vapid"_s, u"public"_s, u"--key"_s, u"vapid.pem"_s }).out,
                 publicKey + u'\n');
        const Outcome header = run({ u"vapid"_s, u"header"_s, u"--key"_s, u"vapid.pem"_s,
                                     u"--endpoint"_s, u"https://push.example.com:443/wpush/v2/x"_s,
                                     u"--sub"_s, u"mailto:me@example.com"_s });
        QCOMPARE(header.exitCode, 0);
        static const QRegularExpression form(
            u"^Authorization: vapid t=([^.]+)\\.([^.]+)\\.([^., ]+), ?k=(.+)\n$"_s);
        const auto match = form.match(header.out);
        QVERIFY2(match.hasMatch(), qUtf8Printable(header.out));
        QCOMPARE(match.captured(4), publicKey);
        const QJsonObject claims =
            QJsonDocument::fromJson(
                QByteArray::fromBase64(match.captured(2).toLatin1(), QByteArray::Base64UrlEncoding))
                .object();
        QCOMPARE(claims.value("aud"_L1).toString(), u"https://push.example.com"_s);
        QCOMPARE(claims.value("sub"_L1).toString(), u"mailto:me@example.com"_s);
        QCOMPARE(run({ u"vapid"_s, u"header"_s }).exitCode, 2);
    }

    void firefoxPreferences_nameTheServer()
    {
        const Outcome outcome =
            run({ u"firefox"_s, u"--print-prefs"_s, u"--server"_s, u"ws://localhost:9/"_s });
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY(
            outcome.out.contains("user_pref(\"dom.push.serverURL\", \"ws://localhost:9/\");"_L1));
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
