// SPDX-License-Identifier: MPL-2.0
#include "tests/server/commands/commandtest.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTcpServer>
#include <QTest>

#include <vector>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

/// How programs learn that a server serves: `carillon wait`, and `serve --ready-fd`.
class WaitingTest : public CommandTest
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void wait_serverServes_succeeds();
    void wait_serverStartsLater_succeeds();
    void wait_endpointMissing_fails();
    void wait_noServer_failsAndSaysWhy();
    void wait_badArguments_areRefused_data();
    void wait_badArguments_areRefused();
    void readyFd_getsALineWhenTheServerServes();
    void readyFd_isClosedWhenTheServerDoesNotStart();
    void readyFd_bad_isRefused_data();
    void readyFd_bad_isRefused();
    void shellExample_works_data();
    void shellExample_works();

private:
    void startServer(QProcess &process, const QStringList &more = {});

    QStringList m_ports; // as settings
    std::vector<quint16> m_free;
};

void WaitingTest::init()
{
    m_free = freePorts(3);
    QCOMPARE(m_free.size(), 3U);
    m_ports = QStringList { u"--connect-port"_s,  QString::number(m_free[0]),
                            u"--endpoint-port"_s, QString::number(m_free[1]),
                            u"--router-port"_s,   QString::number(m_free[2]) };
}

void WaitingTest::startServer(QProcess &process, const QStringList &more)
{
    prepare(process);
    process.setStandardErrorFile(path(u"serve.log"_s));
    process.start(binary(), QStringList { u"serve"_s } + m_ports + more);
    QVERIFY(process.waitForStarted());
}

void WaitingTest::wait_serverServes_succeeds()
{
    QProcess server;
    startServer(server);
    const Outcome outcome = run(QStringList { u"wait"_s, u"--timeout"_s, u"20"_s } + m_ports);
    QCOMPARE(outcome.err, QString());
    QCOMPARE(outcome.out, QString());
    QCOMPARE(outcome.exitCode, 0);
    server.terminate();
    QVERIFY(server.waitForFinished(patience()));
}

void WaitingTest::wait_serverStartsLater_succeeds()
{
    QProcess waiting;
    prepare(waiting);
    waiting.start(binary(), QStringList { u"wait"_s, u"--timeout"_s, u"20"_s } + m_ports);
    QVERIFY(waiting.waitForStarted());
    QVERIFY(!waiting.waitForFinished(500));
    QProcess server;
    startServer(server);
    QVERIFY(waiting.waitForFinished(patience()));
    QCOMPARE(waiting.exitCode(), 0);
    server.terminate();
    QVERIFY(server.waitForFinished(patience()));
}

void WaitingTest::wait_endpointMissing_fails()
{
    QProcess server;
    startServer(server, { u"--role"_s, u"connect"_s });
    QCOMPARE(run(QStringList { u"wait"_s, u"--role"_s, u"connect"_s } + m_ports).exitCode, 0);
    const Outcome outcome = run(QStringList { u"wait"_s, u"--timeout"_s, u"0.3"_s } + m_ports);
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.err.contains(QString::number(m_free[1])), qPrintable(outcome.err));
    server.terminate();
    QVERIFY(server.waitForFinished(patience()));
}

void WaitingTest::wait_noServer_failsAndSaysWhy()
{
    const Outcome outcome = run(QStringList { u"wait"_s, u"--timeout"_s, u"0.3"_s } + m_ports);
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.err.contains(u"http://127.0.0.1:%1/health does not respond"_s.arg(m_free[0])),
             qPrintable(outcome.err));
}

void WaitingTest::wait_badArguments_areRefused_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("negative time") << QStringList { u"--timeout"_s, u"-1"_s };
    QTest::newRow("no number") << QStringList { u"--timeout"_s, u"soon"_s };
    QTest::newRow("not a number") << QStringList { u"--timeout"_s, u"nan"_s };
    QTest::newRow("any port") << QStringList { u"--connect-port"_s, u"0"_s };
    QTest::newRow("bad setting") << QStringList { u"--connect-port"_s, u"x"_s };
}
void WaitingTest::wait_badArguments_areRefused()
{
    QFETCH(QStringList, arguments);
    const Outcome outcome = run(QStringList { u"wait"_s } + arguments);
    QCOMPARE(outcome.exitCode, 2);
    QVERIFY(!outcome.err.isEmpty());
}

void WaitingTest::readyFd_getsALineWhenTheServerServes()
{
    const Outcome outcome =
        runInShell(u"mkfifo ready; \"$0\" serve %1 --ready-fd 3 2> serve.log 3> ready & "
                   "server=$!; cat ready; \"$0\" wait --timeout 0.5 %1; echo $?; "
                   "kill $server; wait $server"_s.arg(m_ports.join(u' ')));
    QVERIFY2(outcome.out.startsWith(
                 u"serves on connect 127.0.0.1 %1, endpoint 127.0.0.1 %2, "_s.arg(m_free[0]).arg(
                     m_free[1])),
             qPrintable(outcome.out));
    QVERIFY2(outcome.out.endsWith("\n0\n"_L1), qPrintable(outcome.out));
    QCOMPARE(outcome.out.count(u'\n'), 2);
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY(QFile::remove(path(u"ready"_s)));
}

void WaitingTest::readyFd_isClosedWhenTheServerDoesNotStart()
{
    QTcpServer taken;
    QVERIFY(taken.listen(QHostAddress::LocalHost, m_free[1]));
    const Outcome outcome =
        runInShell(u"mkfifo ready; \"$0\" serve %1 --ready-fd 3 2> serve.log 3> ready & "
                   "read -r line < ready; echo $?; wait $!"_s.arg(m_ports.join(u' ')));
    QCOMPARE(outcome.out, u"1\n"_s);
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(QFile::remove(path(u"ready"_s)));
}

void WaitingTest::readyFd_bad_isRefused_data()
{
    QTest::addColumn<QString>("descriptor");
    for (const char *each : { "x", "-1", "1", "2", "77", "99999999999" })
        QTest::newRow(each) << QString::fromLatin1(each);
}
void WaitingTest::readyFd_bad_isRefused()
{
    QFETCH(QString, descriptor);
    const Outcome outcome =
        run(QStringList { u"serve"_s } + m_ports + QStringList { u"--ready-fd"_s, descriptor });
    QCOMPARE(outcome.exitCode, 2);
    QVERIFY2(outcome.err.contains(u"--ready-fd"_s), qPrintable(outcome.err));
}

void WaitingTest::shellExample_works_data()
{
    QTest::addColumn<bool>("withReadyFd");
    QTest::newRow("wait") << false;
    QTest::newRow("ready-fd") << true;
}

/// The script of docs/development.md as it is printed there, on ports of its own.
void WaitingTest::shellExample_works()
{
    QFETCH(bool, withReadyFd);
    QFile page(QStringLiteral(CARILLON_SOURCE_DIR "/docs/development.md"));
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QStringList blocks =
        QString::fromUtf8(page.readAll()).section(u"\n## In CI\n"_s, 1).split(u"```"_s);
    QVERIFY(blocks.size() > 3);
    QString script = blocks[1];
    QVERIFY(script.startsWith(u"sh\n#!/bin/sh\n"_s));
    script.remove(0, 3);
    if (withReadyFd) {
        QString lines = blocks[3];
        QVERIFY(lines.startsWith(u"sh\n"_s));
        const QString before = script;
        script.replace(u"carillon serve --dev 2> serve.log &\nserver=$!\n"_s, lines.mid(3));
        script.remove(u"carillon wait --dev --timeout 30\n"_s);
        QVERIFY(script != before && !script.contains(u"wait --dev"_s));
    }
    script.replace(u"carillon listen"_s,
                   u"carillon listen --server ws://127.0.0.1:%1/"_s.arg(m_free[0]));

    QProcess process;
    prepare(process);
    QProcessEnvironment environment = process.processEnvironment();
    environment.insert(u"CARILLON__CONNECT__PORT"_s, QString::number(m_free[0]));
    environment.insert(u"CARILLON__ENDPOINT__PORT"_s, QString::number(m_free[1]));
    environment.insert(u"CARILLON__ROUTER__PORT"_s, QString::number(m_free[2]));
    environment.insert(u"TMPDIR"_s, path(u"."_s));
    const QString directory = binary().section(u'/', 0, -2);
    environment.insert(u"PATH"_s, directory + u':' + environment.value(u"PATH"_s));
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(u"/bin/sh"_s, { u"-c"_s, script });
    QVERIFY(process.waitForFinished(patience()));
    const QByteArray output = process.readAll();
    QVERIFY2(process.exitCode() == 0, output.constData());
    QVERIFY2(output.startsWith("201 Created\n"), output.constData());
    for (const auto &name : { u"received.txt"_s, u"subscription.json"_s, u"ready"_s })
        QFile::remove(path(name));
}

QTEST_GUILESS_MAIN(WaitingTest)
#include "tst_waiting.moc"
