// SPDX-License-Identifier: MPL-2.0
#include "tests/server/commands/commandtest.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// The next request that comes to a port of loopback, and the connection to answer it on.
struct Asked
{
    std::unique_ptr<QTcpSocket> connection;
    QByteArray head;
};

Asked nextRequest(QTcpServer &port)
{
    constexpr int patience = static_cast<int>(Patience.count());
    Asked asked;
    if (!port.hasPendingConnections() && !port.waitForNewConnection(patience))
        return asked;
    asked.connection.reset(port.nextPendingConnection());
    while (!asked.head.contains("\r\n\r\n") && asked.connection->waitForReadyRead(patience))
        asked.head += asked.connection->readAll();
    return asked;
}

/// Ends the request's connection with these bytes.
void answer(const Asked &asked, const QByteArray &bytes)
{
    asked.connection->write(bytes);
    asked.connection->disconnectFromHost();
    if (asked.connection->state() != QAbstractSocket::UnconnectedState)
        asked.connection->waitForDisconnected(static_cast<int>(Patience.count()));
}

/// Accepts the upgrade and closes the WebSocket with this code.
QByteArray closing(const QByteArray &head, quint16 code)
{
    static const QRegularExpression field(u"sec-websocket-key: *([^\r]+)"_s,
                                          QRegularExpression::CaseInsensitiveOption);
    const QByteArray key = field.match(QString::fromLatin1(head)).captured(1).toLatin1();
    const QByteArray accepted =
        QCryptographicHash::hash(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                                 QCryptographicHash::Sha1)
            .toBase64();
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Protocol: push-notification\r\nSec-WebSocket-Accept: "
        + accepted + "\r\n\r\n\x88\x02" + static_cast<char>(code >> 8)
        + static_cast<char>(code & 0xff);
}

/// What a process prints first; empty: it prints nothing.
QByteArray firstLine(QProcess &process)
{
    while (!process.canReadLine()) {
        if (!process.waitForReadyRead(static_cast<int>(Patience.count())))
            return {};
    }
    return process.readLine();
}

} // namespace

/// `carillon send` and `carillon listen`, with a server and with peers that are none.
class TestPushCommands : public CommandTest
{
    Q_OBJECT
private Q_SLOTS:
    void sendAndListen_refuseWhatCannotWork()
    {
        const QString endpoint = u"http://127.0.0.1:1/wpush/v1/x"_s;
        QCOMPARE(run({ u"send"_s }).exitCode, 2);
        QCOMPARE(run({ u"send"_s, endpoint, u"text"_s }).exitCode, 2); // no keys to encrypt with
        QCOMPARE(run({ u"send"_s, u"no-such-file"_s }).exitCode, 2);
        QCOMPARE(run({ u"send"_s, endpoint }).exitCode, 1); // nobody listens there
        QCOMPARE(run({ u"listen"_s, u"--server"_s, u"http://127.0.0.1/"_s }).exitCode, 2);
        QCOMPARE(run({ u"listen"_s, u"--count"_s, u"0"_s }).exitCode, 2);
        QCOMPARE(run({ u"listen"_s, u"--once"_s, u"--server"_s, u"ws://127.0.0.1:1/"_s }).exitCode,
                 1);
    }

    void sendAndListen_talkThroughTheServer()
    {
        TestServer server({ { "dev", "true" } });
        QVERIFY2(server.start(), server.log().constData());
        const QString webSocket = u"ws://127.0.0.1:%1/"_s.arg(server.connectPort());
        QCOMPARE(run({ u"vapid"_s, u"--out"_s, u"sender.pem"_s }).exitCode, 0);

        QProcess listening;
        prepare(listening);
        listening.start(binary(),
                        { u"listen"_s, u"--server"_s, webSocket, u"--state"_s, u"state.json"_s,
                          u"--vapid-key"_s, u"sender.pem"_s, u"--count"_s, u"2"_s });
        const QByteArray subscription = firstLine(listening);
        QVERIFY(!subscription.isEmpty());

        const QString text = u"Grüße\nan alle"_s;
        const Outcome sent =
            run({ u"send"_s, u"--key"_s, u"sender.pem"_s, u"--ttl"_s, u"60"_s, u"-"_s, text },
                subscription);
        QCOMPARE(sent.exitCode, 0);
        static const QRegularExpression answer(u"^201 Created\nLocation: (.+)\nTTL: 60\n$"_s);
        QVERIFY2(answer.match(sent.out).hasMatch(), qUtf8Printable(sent.out));
        QCOMPARE(run({ u"send"_s, u"--key"_s, u"sender.pem"_s, QString::fromUtf8(subscription) })
                     .exitCode,
                 0);
        QVERIFY(listening.waitForFinished(patience()));
        QCOMPARE(listening.exitCode(), 0);
        QCOMPARE(QString::fromUtf8(listening.readAllStandardOutput()), u"Grüße\\nan alle\n\n"_s);

        const Outcome unsigned_ = run({ u"send"_s, u"-"_s }, subscription);
        QCOMPARE(unsigned_.exitCode, 1);
        QVERIFY(unsigned_.out.startsWith("401 Unauthorized\n"_L1));

        // Sent while nobody listens; the next run takes the subscription up and gets only that.
        QCOMPARE(run({ u"send"_s, u"--key"_s, u"sender.pem"_s, u"-"_s, u"later"_s }, subscription)
                     .exitCode,
                 0);
        const Outcome later =
            run({ u"listen"_s, u"--state"_s, u"state.json"_s, u"--count"_s, u"1"_s, u"--json"_s });
        QCOMPARE(later.exitCode, 0);
        const QStringList lines = later.out.trimmed().split(u'\n');
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0].toUtf8(), subscription.trimmed());
        const QJsonObject message = QJsonDocument::fromJson(lines[1].toUtf8()).object();
        QCOMPARE(message.value("text"_L1).toString(), u"later"_s);
        QVERIFY(!message.value("version"_L1).toString().isEmpty());

        const Outcome nothing = run({ u"listen"_s, u"--state"_s, u"state.json"_s, u"--count"_s,
                                      u"1"_s, u"--timeout"_s, u"0.3"_s });
        QCOMPARE(nothing.exitCode, 1);
    }

    void listen_comesBackAfterTheServerDid()
    {
        TestServer server;
        QVERIFY2(server.start(), server.log().constData());
        QProcess listening;
        prepare(listening);
        listening.start(binary(),
                        { u"listen"_s, u"--count"_s, u"1"_s, u"--server"_s,
                          u"ws://127.0.0.1:%1/"_s.arg(server.connectPort()) });
        const QByteArray subscription = firstLine(listening);
        QVERIFY(!subscription.isEmpty());
        server.kill();
        QVERIFY2(server.start(), server.log().constData());
        QCOMPARE(run({ u"send"_s, u"-"_s, u"again"_s }, subscription).exitCode, 0);
        QVERIFY(listening.waitForFinished(patience()));
        QCOMPARE(listening.readAllStandardOutput(), "again\n"_ba);
    }

    void listen_serverStops_saysThatItRestarts()
    {
        TestServer server;
        QVERIFY2(server.start(), server.log().constData());
        QProcess listening;
        prepare(listening);
        listening.start(binary(),
                        { u"listen"_s, u"--once"_s, u"--server"_s,
                          u"ws://127.0.0.1:%1/"_s.arg(server.connectPort()) });
        const QByteArray subscription = firstLine(listening);
        QVERIFY(!subscription.isEmpty());
        // Its Close frame comes behind others.
        QCOMPARE(run({ u"send"_s, u"-"_s, u"one"_s }, subscription).exitCode, 0);
        server.terminate();
        QVERIFY(listening.waitForFinished(patience()));
        const QByteArray errors = listening.readAllStandardError();
        QVERIFY2(errors.contains("the server restarts (close code 1012)"), errors.constData());
    }

    /// With --count 1 it prints one, and the other stays for the next run.
    void listen_acknowledgesWhatItPrints_noMore()
    {
        TestServer server;
        QVERIFY2(server.start(), server.log().constData());
        const QStringList listen { u"listen"_s, u"--server"_s,
                                   u"ws://127.0.0.1:%1/"_s.arg(server.connectPort()), u"--state"_s,
                                   u"two.json"_s };
        const Outcome first = run(listen + QStringList { u"--timeout"_s, u"0.3"_s });
        QCOMPARE(first.exitCode, 0);
        for (const QString &text : { u"one"_s, u"two"_s, u"three"_s })
            QCOMPARE(run({ u"send"_s, u"-"_s, text }, first.out.toUtf8()).exitCode, 0);
        for (const QString &text : { u"one"_s, u"two"_s, u"three"_s }) {
            const Outcome next =
                run(listen + QStringList { u"--count"_s, u"1"_s, u"--timeout"_s, u"10"_s });
            QCOMPARE(next.out, first.out + text + u'\n');
            QCOMPARE(next.exitCode, 0);
        }
    }

    void listen_cannotPrint_leavesTheMessageToTheServer()
    {
        TestServer server;
        QVERIFY2(server.start(), server.log().constData());
        const QString url = u"ws://127.0.0.1:%1/"_s.arg(server.connectPort());
        const QStringList listen { u"listen"_s, u"--server"_s, url, u"--state"_s, u"full.json"_s };
        const Outcome first = run(listen + QStringList { u"--timeout"_s, u"0.3"_s });
        const QString text(2'000, u'x');
        QCOMPARE(run({ u"send"_s, u"-"_s, text }, first.out.toUtf8()).exitCode, 0);

        // A file that has room for the subscription only.
        QProcess full;
        prepare(full);
        const QStringList shell { u"-c"_s, u"trap '' XFSZ; ulimit -f 1; exec \"$@\" > full.out"_s,
                                  u"bash"_s, binary() };
        full.start(u"bash"_s, shell + listen + QStringList { u"--timeout"_s, u"10"_s });
        QVERIFY(full.waitForFinished(patience()));
        QCOMPARE(full.exitCode(), 1);

        const Outcome next =
            run(listen + QStringList { u"--count"_s, u"1"_s, u"--timeout"_s, u"10"_s });
        QCOMPARE(next.out, first.out + text + u'\n');
    }

    void listen_saysHowTheConnectionEnded_data()
    {
        QTest::addColumn<int>("closeCode");
        QTest::addColumn<QByteArray>("refusal");
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("said");
        QTest::newRow("1012") << 1012 << QByteArray() << u"--once"_s
                              << u"the server restarts (close code 1012)"_s;
        QTest::newRow("1013") << 1013 << QByteArray() << u"--once"_s
                              << u"the server is overloaded (close code 1013)"_s;
        for (const QString &option : { u"--once"_s, u"--count=1"_s }) {
            for (const char *status : { "503 Service Unavailable", "404 Not Found",
                                        "400 Bad Request", "302 Found", "200 OK" }) {
                QTest::addRow("%s %s", status, qPrintable(option))
                    << 0
                    << "HTTP/1.1 " + QByteArray(status)
                        + "\r\nContent-Length: 0\r\nLocation: /\r\n\r\n"
                    << option
                    << u"the server answered HTTP %1"_s.arg(QLatin1StringView(status).first(3));
            }
        }
    }

    void listen_saysHowTheConnectionEnded()
    {
        QFETCH(const int, closeCode);
        QFETCH(const QByteArray, refusal);
        QFETCH(const QString, option);
        QFETCH(const QString, said);
        QTcpServer port;
        QVERIFY(port.listen(QHostAddress::LocalHost));
        QProcess listening;
        prepare(listening);
        listening.start(binary(),
                        QStringList { u"listen"_s, u"--server"_s,
                                      u"ws://127.0.0.1:%1/"_s.arg(port.serverPort()) }
                            + option.split(u'='));
        const Asked asked = nextRequest(port);
        QVERIFY(asked.connection);
        answer(asked,
               refusal.isEmpty() ? closing(asked.head, static_cast<quint16>(closeCode)) : refusal);
        QVERIFY2(listening.waitForFinished(5'000), "it waits on"); // it had its answer
        QCOMPARE(listening.exitCode(), 1);
        const QByteArray errors = listening.readAllStandardError();
        QVERIFY2(errors.contains(said.toUtf8()), errors.constData());
    }

    void listen_isRefused_asksAgain()
    {
        QTcpServer port;
        QVERIFY(port.listen(QHostAddress::LocalHost));
        QProcess listening;
        prepare(listening);
        listening.start(
            binary(),
            { u"listen"_s, u"--server"_s, u"ws://127.0.0.1:%1/"_s.arg(port.serverPort()) });
        for (int i = 0; i < 2; ++i) {
            const Asked asked = nextRequest(port);
            QVERIFY2(asked.connection, "it does not come back");
            answer(asked, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        }
        listening.kill();
        QVERIFY(listening.waitForFinished(patience()));
    }

    void send_takesWhatToolsMakeOfASubscription_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray json = "{\"endpoint\":\"http://127.0.0.1:1/wpush/v1/x\"}";
        QTest::newRow("byte order mark") << "\xef\xbb\xbf" + json;
        QTest::newRow("UTF-16, as PowerShell writes it") << QByteArray("\xff\xfe")
                + QByteArray(reinterpret_cast<const char *>(QString::fromLatin1(json).utf16()),
                             json.size() * 2);
        QTest::newRow("wrapped") << "{\"subscription\": " + json + "}";
        QTest::newRow("space around it") << " \r\n" + json + "  \r\n\r\n ";
        QTest::newRow("mark, then lines of messages") << "\xef\xbb\xbf" + json + " \nDinner\n";
    }

    void send_takesWhatToolsMakeOfASubscription()
    {
        QFETCH(const QByteArray, text);
        const Outcome outcome = run({ u"send"_s, u"-"_s }, text);
        QVERIFY2(outcome.err.contains("no response"_L1), qUtf8Printable(outcome.err));
        QCOMPARE(outcome.exitCode, 1); // understood; nobody listens there
    }

    void send_subscriptionIsCut_saysSo()
    {
        const Outcome empty = run({ u"send"_s, u"-"_s });
        QCOMPARE(empty.exitCode, 2);
        QVERIFY2(empty.err.contains("the standard input is empty"_L1), qUtf8Printable(empty.err));
        const Outcome cut = run({ u"send"_s, u"-"_s }, "{\"endpoint\":\"http://127");
        QCOMPARE(cut.exitCode, 2);
        QVERIFY2(cut.err.contains("the standard input ends within the subscription"_L1),
                 qUtf8Printable(cut.err));
    }

    void send_waitsForTheFileThatListenWrites()
    {
        QFile file(path(u"late.json"_s));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
        QProcess sending;
        prepare(sending);
        sending.start(binary(), { u"send"_s, u"late.json"_s });
        QVERIFY2(!sending.waitForFinished(300), "it did not wait");
        file.write("{\"endpoint\":\"http://127.0.");
        QVERIFY2(!sending.waitForFinished(300), "it did not wait");
        file.write("0.1:1/wpush/v1/x\"}\n");
        QVERIFY(sending.waitForFinished(patience()));
        const QByteArray errors = sending.readAllStandardError();
        QVERIFY2(errors.contains("no response"), errors.constData());
    }

    void readme_itsListenAndSendBlockWorksWhenPasted()
    {
        TestServer server;
        QVERIFY2(server.start(), server.log().constData());
        QFile page(QStringLiteral(CARILLON_SOURCE_DIR "/README.md"));
        QVERIFY(page.open(QIODevice::ReadOnly));
        static const QRegularExpression block(
            u"\n((?:    .*\n)*    carillon listen.*\n(?:    .*\n)*)"_s);
        QString script = block.match(QString::fromUtf8(page.readAll())).captured(1);
        QVERIFY(script.contains("carillon send"_L1));
        script.replace("carillon listen"_L1,
                       u"carillon listen --server ws://127.0.0.1:%1/"_s.arg(server.connectPort()));
        for (const QString &mode : { u"+i"_s, u"-i"_s }) {
            QProcess shell;
            prepare(shell);
            QProcessEnvironment environment = shell.processEnvironment();
            environment.insert(u"PATH"_s,
                               QFileInfo(binary()).absolutePath() + u':'
                                   + environment.value(u"PATH"_s));
            shell.setProcessEnvironment(environment);
            shell.start(u"bash"_s, { u"--norc"_s, mode, u"-s"_s });
            shell.write(script.toUtf8());
            shell.closeWriteChannel();
            QVERIFY(shell.waitForFinished(patience()));
            const QByteArray out = shell.readAllStandardOutput();
            QVERIFY2(out.startsWith("201 Created\nLocation: "), out.constData());
            QVERIFY2(out.endsWith("\nDinner is ready\n"), out.constData());
        }
    }
};

QTEST_GUILESS_MAIN(TestPushCommands)
#include "tst_pushcommands.moc"
