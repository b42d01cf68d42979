// SPDX-License-Identifier: MPL-2.0
#include "tests/server/commands/commandtest.h"
#include "tests/support/fakeadmin.h"

#include <QStandardPaths>

#include <csignal>
#include <memory>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

/// `carillon top` in a terminal of tmux. A fake stands for the server.
class TestTop : public CommandTest
{
    Q_OBJECT

    std::unique_ptr<FakeAdmin> m_server;
    int m_terminals = 0; // each with a server of its own: one that was told to end may live on

    QByteArray tmux(const QStringList &words, int atMost = patience())
    {
        QProcess process;
        prepare(process);
        process.start(
            u"tmux"_s,
            QStringList { u"-S"_s, path(u"tmux%1"_s.arg(m_terminals)), u"-f"_s, u"/dev/null"_s }
                + words);
        return process.waitForFinished(atMost) ? process.readAllStandardOutput() : QByteArray();
    }
    /// Empty if tmux does not answer at once, as it sometimes does on a busy machine: whoever waits
    /// for something asks again.
    QString shown() { return QString::fromUtf8(tmux({ u"capture-pane"_s, u"-p"_s }, 2'000)); }
    void press(const QString &keys) { tmux({ u"send-keys"_s, keys }); }
    /// The process that draws.
    pid_t top()
    {
        const QString shell = QString::fromLatin1(
            tmux({ u"display-message"_s, u"-p"_s, u"#{pane_pid}"_s }).trimmed());
        QFile children(u"/proc/%1/task/%1/children"_s.arg(shell));
        return children.open(QIODevice::ReadOnly) ? children.readAll().trimmed().toInt() : 0;
    }

    void answerWith(int connections)
    {
        m_server->answer(
            "GET /api/v1/status",
            R"({"version":"1.2.3","node":"node-1","uptime":7200,"state":"serving",)"
            R"("warnings":[{"code":"x","text":"The certificate expires tomorrow."}]})");
        m_server->answer("GET /api/v1/stats",
                         "{\"connections\":" + QByteArray::number(connections) + "}");
        QByteArray clients;
        for (int i = 0; i < 40; ++i) {
            clients += i > 0 ? "," : "";
            clients += "{\"uaid\":\"" + QByteArray::number(10'000 + i)
                + "\",\"connected\":true,\"messages\":" + QByteArray::number(i * 7 % 40) + "}";
        }
        m_server->answer("GET /api/v1/clients", "{\"items\":[" + clients + "]}");
        m_server->answer(
            "GET /api/v1/senders",
            "{\"items\":[{\"key\":\"a81f\",\"sub\":\"mailto:o@example.org\\u001b[2J\"}]}");
    }
    /// In a shell, so that what is there before and after can be seen.
    void start(const QString &size = u"80x24"_s)
    {
        tmux({ u"new-session"_s, u"-d"_s, u"-x"_s, size.section(u'x', 0, 0), u"-y"_s,
               size.section(u'x', 1), u"/bin/sh"_s });
        tmux({ u"send-keys"_s,
               u"PS1='prompt> '; stty -a > before; '%1' top --interval 0.2 --socket '%2'"_s.arg(
                   binary(), path(u"s"_s)),
               u"Enter"_s });
    }
    [[nodiscard]] QByteArray contentOf(const QString &name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void init()
    {
        if (QStandardPaths::findExecutable(u"tmux"_s).isEmpty())
            QSKIP("tmux is not installed");
        m_server = std::make_unique<FakeAdmin>(path(u"s"_s));
        answerWith(104'311);
        ++m_terminals;
    }
    void cleanup()
    {
        tmux({ u"kill-server"_s });
        m_server.reset();
        QFile::remove(path(u"after"_s));
    }

    void figuresAndClients_areShown_andGoOn()
    {
        start();
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"connected 104,311"_s), patience());
        const QStringList lines = shown().split(u'\n');
        QVERIFY2(lines[0].startsWith(u"carillon 1.2.3  node-1  up 2 h"_s),
                 qUtf8Printable(lines[0]));
        QVERIFY(shown().contains(u"! The certificate expires tomorrow."_s));
        QVERIFY(shown().contains(u"10000  connected"_s));
        QVERIFY(lines[23].startsWith(u"c clients"_s));
        answerWith(7);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"connected 7\n"_s), patience());
    }

    void keys_sort_choose_andPause()
    {
        start();
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"10000  connected"_s), patience());
        for (int i = 0; i < 3; ++i)
            press(u">"_s);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"STORED↓"_s), patience());
        // The first row has the most: 39 = 17 * 7 % 40.
        QTRY_VERIFY_WITH_TIMEOUT(
            shown().section(u"STORED↓"_s, 1).section(u'\n', 1, 1).startsWith(u"10017"_s),
            patience());
        press(u"r"_s);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"STORED↑"_s), patience());
        press(u"s"_s);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"mailto:o@example.org�[2J"_s), patience());
        press(u"Space"_s);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"PAUSED"_s), patience());
        const qsizetype requests = m_server->requests().size();
        QTest::qWait(600);
        QCOMPARE(m_server->requests().size(), requests);
        press(u"Space"_s);
        QTRY_VERIFY_WITH_TIMEOUT(m_server->requests().size() > requests, patience());
    }

    void sizeOfTheTerminal_isFollowed()
    {
        start();
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"10000  connected"_s), patience());
        tmux({ u"resize-window"_s, u"-x"_s, u"40"_s, u"-y"_s, u"10"_s });
        QTRY_VERIFY_WITH_TIMEOUT(shown().split(u'\n').value(9).startsWith(u"c clients"_s),
                                 patience());
        QVERIFY(shown().startsWith(u"carillon 1.2.3"_s));
    }

    void serverThatGoesAway_leavesItsFigures_withTheirAge()
    {
        start();
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"10000  connected"_s), patience());
        m_server.reset();
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"no server listens at"_s), patience());
        QVERIFY(shown().contains(u"connected 104,311"_s));
        m_server = std::make_unique<FakeAdmin>(path(u"s"_s));
        answerWith(8);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"connected 8\n"_s), patience());
    }

    void terminal_isAsBefore_howeverItEnds_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("q") << 0;
        QTest::newRow("Ctrl-C") << SIGINT;
        QTest::newRow("terminated") << SIGTERM;
        QTest::newRow("crashed") << SIGSEGV;
    }
    void terminal_isAsBefore_howeverItEnds()
    {
        QFETCH(const int, signal);
        start();
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"10000  connected"_s), patience());
        QVERIFY(!shown().contains(u"prompt>"_s));
        if (signal == 0)
            press(u"q"_s);
        else if (signal == SIGINT)
            press(u"C-c"_s);
        else
            QVERIFY(top() > 0 && ::kill(top(), signal) == 0);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(u"\nprompt>"_s), patience());
        tmux({ u"send-keys"_s, u"echo ended $?; stty -a > after"_s, u"Enter"_s });
        QTRY_VERIFY_WITH_TIMEOUT(contentOf(u"after"_s).endsWith('\n'), patience());
        QCOMPARE(contentOf(u"after"_s), contentOf(u"before"_s));
        // Of a Ctrl-C, the shell makes a status of its own.
        if (signal != SIGINT)
            QVERIFY2(shown().contains(signal == SIGSEGV ? u"ended 139"_s : u"ended 0"_s),
                     qUtf8Printable(shown()));
        QVERIFY(!shown().contains(u"10000"_s));
        // The cursor is back.
        QCOMPARE(
            tmux({ u"display-message"_s, u"-p"_s, u"#{cursor_flag}#{alternate_on}"_s }).trimmed(),
            QByteArray("10"));
    }
};

QTEST_GUILESS_MAIN(TestTop)
#include "tst_top.moc"
