// SPDX-License-Identifier: MPL-2.0
#include "tests/server/commands/commandtest.h"
#include "tests/support/fakeadmin.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

const QByteArray Uaid = "3f2a91c0b7e24d5f8a6c1e0d9b8a9c41";
const QByteArray Key = Uaid + Uaid;
/// In a user agent: clears the screen, sets the title, moves the text that follows.
const QByteArray Hostile = R"(evil\u001b[2J\u001b]0;owned\u0007\u009b31m\u202eexe)";

QByteArray clientList()
{
    return R"({"items":[{"uaid":")" + Uaid
        + R"(","connected":true,"last_seen":"2026-11-28T14:59:48.000Z","messages":7,)"
          R"("bytes":12345,"channels":2,"user_agent":")"
        + Hostile + R"("}],"next":null,"total":1})";
}

QByteArray problem(int status, const QByteArray &detail)
{
    return "{\"type\":\"x\",\"status\":" + QByteArray::number(status) + ",\"detail\":\"" + detail
        + "\"}";
}

/// A terminal that a process draws on: what it shows is read from the other end.
class FakeTerminal
{
public:
    FakeTerminal() : m_master(::posix_openpt(O_RDWR | O_NOCTTY))
    {
        ::grantpt(m_master);
        ::unlockpt(m_master);
        const winsize size { 24, 80, 0, 0 };
        ::ioctl(m_master, TIOCSWINSZ, &size);
    }
    ~FakeTerminal() { ::close(m_master); }
    FakeTerminal(const FakeTerminal &) = delete;
    FakeTerminal &operator=(const FakeTerminal &) = delete;

    [[nodiscard]] QString name() const { return QString::fromLocal8Bit(::ptsname(m_master)); }
    void type(const QByteArray &keys) const
    {
        QCOMPARE(::write(m_master, keys.constData(), static_cast<std::size_t>(keys.size())),
                 keys.size());
    }
    /// All that was shown so far.
    const QByteArray &shown()
    {
        pollfd events { m_master, POLLIN, 0 };
        while (::poll(&events, 1, 0) == 1 && (events.revents & POLLIN) != 0) {
            std::array<char, 4096> bytes {};
            const ssize_t count = ::read(m_master, bytes.data(), bytes.size());
            if (count <= 0)
                break;
            m_shown.append(bytes.data(), count);
        }
        return m_shown;
    }

private:
    int m_master;
    QByteArray m_shown;
};

} // namespace

/// Commands that use a running server, as people and scripts run them; a fake stands for the
/// server.
class TestAdminCommands : public CommandTest
{
    Q_OBJECT

    Outcome admin(QStringList words) { return run(words << u"--socket"_s << path(u"s"_s)); }
    /// Runs a line of sh whose standard streams are a terminal.
    void startOnTerminal(QProcess &process, const FakeTerminal &terminal, const QString &line) const
    {
        prepare(process);
        process.start(u"/bin/sh"_s,
                      { u"-c"_s, u"exec <%1 >%1 2>&1; "_s.arg(terminal.name()) + line, binary() });
    }

private Q_SLOTS:
    void withoutServer_everyCommandSaysSo()
    {
        for (const QString &command :
             { u"status"_s, u"clients"_s, u"stats"_s, u"events"_s, u"logs"_s, u"queues"_s,
               u"senders"_s, u"audit"_s, u"config"_s, u"admin-stdio"_s }) {
            const Outcome outcome = admin({ command });
            QCOMPARE(outcome.exitCode, 3);
            QCOMPARE(outcome.out, QString());
            QVERIFY2(outcome.err.contains(path(u"s"_s)) && outcome.err.count(u'\n') == 1,
                     qUtf8Printable(outcome.err));
        }
        QCOMPARE(run({ u"status"_s }).exitCode, 3);
    }

    void clients_areATable_andNothingReachesTheTerminal()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/clients", clientList());
        const Outcome outcome =
            admin({ u"clients"_s, u"--connected"_s, u"--idle"_s, u"2h"_s, u"--limit"_s, u"5"_s });
        QCOMPARE(outcome.exitCode, 0);
        QCOMPARE(
            outcome.out.section(u'\n', 1, 1),
            QString::fromLatin1(Uaid)
                + u"  connected  12 s ago        7  12.3 kB         2  evil�[2J�]0;owned��31m�exe"_s);
        QCOMPARE(server.requests(),
                 QByteArrayList { "GET /api/v1/clients?connected=true&idle=7200&limit=5" });
    }

    void json_isTheDocument_withoutBytesThatATerminalObeys()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/clients", clientList());
        const Outcome outcome = admin({ u"clients"_s, u"--json"_s });
        QCOMPARE(outcome.exitCode, 0);
        QCOMPARE(QJsonDocument::fromJson(outcome.out.toUtf8()),
                 QJsonDocument::fromJson(clientList()));
        for (const QChar c : outcome.out)
            QVERIFY(c == u'\n' || (c >= u' ' && c < QChar(0x7f)));
    }

    void terminal_getsATableOfItsWidth_inColours()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/clients", clientList());
        for (const bool hasColours : { true, false }) {
            FakeTerminal terminal;
            QProcess process;
            startOnTerminal(process, terminal,
                            (hasColours ? u"TERM=xterm"_s : u"NO_COLOR=1"_s)
                                + u" \"$0\" clients --socket s"_s);
            QVERIFY(process.waitForFinished(patience()));
            QTRY_VERIFY(terminal.shown().contains("1 of 1"));
            QVERIFY2(terminal.shown().contains("3f2a91c0…9c41"), terminal.shown().constData());
            QCOMPARE(terminal.shown().contains("\033[32mconnected\033[0m"), hasColours);
            QCOMPARE(terminal.shown().contains('\033'), hasColours);
            QVERIFY(!terminal.shown().contains("\033[2J"));
        }
    }

    void destructiveActions_areRefusedWithoutATerminal()
    {
        FakeAdmin server(path(u"s"_s));
        const QString uaid = QString::fromLatin1(Uaid);
        const std::vector<std::pair<QStringList, QByteArray>> actions {
            { { u"disconnect"_s, uaid }, "POST /api/v1/clients/" + Uaid + "/disconnect" },
            { { u"purge"_s, uaid }, "DELETE /api/v1/clients/" + Uaid + "/messages" },
            { { u"purge"_s, uaid, u"--client"_s }, "DELETE /api/v1/clients/" + Uaid },
            { { u"purge"_s, uaid, u"--channel"_s, u"c1"_s },
              "DELETE /api/v1/clients/" + Uaid + "/channels/c1" },
            { { u"purge"_s, u"--message"_s, u"a/b"_s }, "DELETE /api/v1/messages/a%2Fb" },
            { { u"block"_s, QString::fromLatin1(Key) }, "POST /api/v1/senders/" + Key + "/block" },
            { { u"drain"_s, u"node-1"_s }, "POST /api/v1/nodes/node-1/drain" },
        };
        for (const auto &[words, request] : actions) {
            const QString target = words[1].startsWith(u'-') ? words.last() : words[1];
            const Outcome refused = admin(words);
            QCOMPARE(refused.exitCode, 2);
            QVERIFY2(refused.err.contains(u"--yes"_s) && refused.err.contains(target),
                     qUtf8Printable(refused.err));
            QVERIFY(server.requests().isEmpty());
        }
        for (const auto &[words, request] : actions) {
            server.answer(request, "{}");
            const Outcome done = admin(words + QStringList { u"--yes"_s });
            QVERIFY2(done.exitCode == 0, qUtf8Printable(done.err));
            QCOMPARE(server.requests().last(), request);
        }
    }

    void destructiveAction_asksOnATerminal_andNothingIsDoneWithoutAYes_data()
    {
        QTest::addColumn<QByteArray>("keys");
        QTest::addColumn<int>("exitCode");
        QTest::newRow("y") << QByteArray("y\n") << 0;
        QTest::newRow("n") << QByteArray("n\n") << 1;
        QTest::newRow("nothing") << QByteArray("\n") << 1;
        QTest::newRow("end of input") << QByteArray("\x04") << 1;
    }
    void destructiveAction_asksOnATerminal_andNothingIsDoneWithoutAYes()
    {
        QFETCH(const QByteArray, keys);
        QFETCH(const int, exitCode);
        FakeAdmin server(path(u"s"_s));
        server.answer("DELETE /api/v1/clients/" + Uaid + "/messages", "{}");
        FakeTerminal terminal;
        QProcess process;
        startOnTerminal(process, terminal,
                        u"\"$0\" purge %1 --socket s"_s.arg(QString::fromLatin1(Uaid)));
        QTRY_VERIFY_WITH_TIMEOUT(terminal.shown().contains("[y/N]"), patience());
        QVERIFY(terminal.shown().contains("deletes all stored messages of client " + Uaid));
        terminal.type(keys);
        QVERIFY(process.waitForFinished(patience()));
        QCOMPARE(process.exitCode(), exitCode);
        QCOMPARE(server.requests().size(), exitCode == 0 ? 1 : 0);
    }

    void why_saysItsVerdictByItsExitCode_data()
    {
        QTest::addColumn<QByteArray>("verdict");
        QTest::addColumn<int>("exitCode");
        QTest::newRow("ok") << QByteArray("ok") << 0;
        QTest::newRow("waiting") << QByteArray("waiting") << 0;
        QTest::newRow("problem") << QByteArray("problem") << 1;
        QTest::newRow("unknown") << QByteArray("unknown") << 1;
        QTest::newRow("ambiguous") << QByteArray("ambiguous") << 2;
        QTest::newRow("bad input") << QByteArray() << 2;
    }
    void why_saysItsVerdictByItsExitCode()
    {
        QFETCH(const QByteArray, verdict);
        QFETCH(const int, exitCode);
        FakeAdmin server(path(u"s"_s));
        if (verdict.isEmpty())
            server.answer("GET /api/v1/lookup",
                          { .status = 400, .body = problem(400, "q is empty.") });
        else
            server.answer("GET /api/v1/lookup",
                          R"({"verdict":")" + verdict
                              + R"(","summary":"It waits.","remedy":"Nothing to do.",)"
                                R"("facts":[{"name":"stored","value":"2026-11-28T14:00:00.000Z"}],)"
                                R"("events":[{"id":1,"time":"2026-11-28T14:00:00.000Z",)"
                                R"("kind":"message.stored","size":12}],)"
                                R"("candidates":[{"kind":"client","id":"3f","label":"x"}]})");
        const Outcome outcome = admin({ u"why"_s, u"https://x/wpush/v2/gAAA?a&b"_s });
        QCOMPARE(outcome.exitCode, exitCode);
        QCOMPARE(
            server.requests(),
            QByteArrayList { "GET /api/v1/lookup?q=https%3A%2F%2Fx%2Fwpush%2Fv2%2FgAAA%3Fa%26b" });
        if (verdict.isEmpty())
            return;
        QVERIFY(outcome.out.startsWith(u"It waits.\nNothing to do.\n\nstored  60 min ago\n"_s));
        QVERIFY(outcome.out.contains(u"message.stored"_s));
        QVERIFY(outcome.out.contains(u"client  3f  x"_s));
    }

    void events_followTheFeed_withoutRepeatingWhatIsKept()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/history",
                      R"({"items":[{"id":2,"time":"2026-11-28T14:00:02.000Z","kind":"b"},)"
                      R"({"id":1,"time":"2026-11-28T14:00:01.000Z","kind":"a"}],"next":null})");
        const auto frame = [](const QByteArray &payload) {
            return QByteArray("\x81") + static_cast<char>(payload.size()) + payload;
        };
        server.feed(frame(R"({"event":{"id":2,"kind":"b"}})")
                    + frame(R"({"event":{"id":3,"kind":"c"}})") + QByteArray("\x88\x02\x03\xe9"));
        const Outcome outcome =
            admin({ u"events"_s, u"--follow"_s, u"--json"_s, u"--kind"_s, u"push.*"_s });
        QCOMPARE(outcome.exitCode, 3);
        QStringList ids;
        for (const QString &line : outcome.out.split(u'\n', Qt::SkipEmptyParts))
            ids << QString::number(
                QJsonDocument::fromJson(line.toUtf8()).object().value("id"_L1).toInt());
        QCOMPARE(ids, (QStringList { u"1"_s, u"2"_s, u"3"_s }));
        QVERIFY(server.messages().first().contains(R"("kind":"push.*")"));
    }

    void token_isWrittenToAFileOfItsOwner()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("POST /api/v1/tokens", R"({"id":3,"token":"carillon_abc"})");
        const QStringList create { u"token"_s, u"create"_s, u"--name"_s, u"laptop"_s };
        QCOMPARE(admin(create).out, u"carillon_abc\n"_s);
        QCOMPARE(admin(create + QStringList { u"--out"_s, path(u"t"_s) }).exitCode, 0);
        QFile file(path(u"t"_s));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("carillon_abc\n"));
        QCOMPARE(file.permissions() & (QFileDevice::ReadGroup | QFileDevice::ReadOther),
                 QFileDevice::Permissions());
        QCOMPARE(admin(create + QStringList { u"--out"_s, path(u"t"_s) }).exitCode, 1);
        QCOMPARE(server.requests().last(),
                 QByteArray(R"(POST /api/v1/tokens {"name":"laptop","role":"viewer"})"));
        QCOMPARE(server.requests().size(), 2);
    }

    void adminStdio_isAConnectionToTheServer()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /x", "hello");
        const Outcome outcome = run({ u"admin-stdio"_s, u"--socket"_s, path(u"s"_s) },
                                    "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY(outcome.out.startsWith(u"HTTP/1.1 200 X\r\n"_s));
        QVERIFY(outcome.out.endsWith(u"hello"_s));
    }

    void wrongCommandLines_askNoServer_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::newRow("client") << QStringList { u"client"_s };
        QTest::newRow("why") << QStringList { u"why"_s };
        QTest::newRow("two things") << QStringList { u"why"_s, u"a"_s, u"b"_s };
        QTest::newRow("status") << QStringList { u"status"_s, u"x"_s };
        QTest::newRow("clients") << QStringList { u"clients"_s, u"x"_s };
        QTest::newRow("events") << QStringList { u"events"_s, u"x"_s };
        QTest::newRow("limit") << QStringList { u"clients"_s, u"--limit"_s, u"many"_s };
        QTest::newRow("span") << QStringList { u"clients"_s, u"--idle"_s, u"long"_s };
        QTest::newRow("since") << QStringList { u"events"_s, u"--since"_s, u"noon"_s };
        QTest::newRow("rate") << QStringList { u"limit"_s, u"a81f"_s };
        QTest::newRow("token") << QStringList { u"token"_s };
        QTest::newRow("token create") << QStringList { u"token"_s, u"create"_s };
        QTest::newRow("not a UAID") << QStringList { u"client"_s, u"phone"_s };
        QTest::newRow("top") << QStringList { u"top"_s };
        QTest::newRow("both") << QStringList { u"status"_s, u"--url"_s, u"https://x"_s };
    }
    void wrongCommandLines_askNoServer()
    {
        QFETCH(const QStringList, words);
        const FakeAdmin server(path(u"s"_s));
        const Outcome outcome = admin(words);
        QVERIFY2(outcome.exitCode == 2, qUtf8Printable(outcome.err));
        QVERIFY(outcome.err.startsWith(u"carillon: "_s));
        QVERIFY(server.requests().isEmpty());
    }

    void textOfAProblem_reachesNoTerminal()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/status", { .status = 404, .body = problem(404, Hostile) });
        const Outcome outcome = admin({ u"status"_s });
        QCOMPARE(outcome.exitCode, 1);
        QVERIFY(!outcome.err.contains(QChar(0x1b)) && !outcome.err.contains(QChar(0x9b)));
    }
};

QTEST_GUILESS_MAIN(TestAdminCommands)
#include "tst_admincommands.moc"
