// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/transportfixture.h"
#include "tests/support/echoprocess.h"
#include "tests/support/rawwebsocket.h"

#include <QTest>

#include <atomic>
#include <thread>

#include <sys/resource.h>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace std::chrono_literals;

namespace {

constexpr qsizetype MB = 1'000'000;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool IsSanitized = true; // what was freed stays resident
#else
constexpr bool IsSanitized = false;
#endif

/// Arguments of carillon-echo, under which peers that dawdle are soon done with.
const QByteArrayList Hasty { "patience=1000", "close=500" };
/// And those under which nothing times out while a test lasts.
const QByteArrayList Patient { "patience=60000", "close=500" };

constexpr EchoProcess::Open Nothing { 0, 0 };

/// Both ways are run; CARILLON_WIRE says which.
bool isTls()
{
    return RawSocket::spoken() == RawSocket::Wire::Tls;
}

/// A well-behaved client beside the others: asks again and again on a kept connection.
/// Owns: its thread. Thread: the test's.
class Bystander
{
public:
    explicit Bystander(quint16 port) : m_thread([this, port] { ask(port); }) { }
    ~Bystander() { static_cast<void>(stop()); }
    Bystander(const Bystander &) = delete;
    Bystander &operator=(const Bystander &) = delete;

    /// What went wrong for it; empty if nothing did.
    [[nodiscard]] QByteArray stop()
    {
        m_stop = true;
        if (m_thread.joinable())
            m_thread.join();
        if (m_failed)
            return "a request had no answer";
        return m_longest < 5s ? QByteArray()
                              : "an answer took " + QByteArray::number(m_longest.count()) + " ms";
    }

private:
    void ask(quint16 port)
    {
        RawSocket client(port);
        do {
            const auto begin = std::chrono::steady_clock::now();
            // A kept connection may idle out between two requests on a busy machine.
            m_failed = !isAnswered(client)
                && !(m_served > 0 && client.waitForEnd(0ms) && client.prepare()
                     && client.connectTo(port) && isAnswered(client));
            m_longest = std::max(m_longest,
                                 std::chrono::ceil<std::chrono::milliseconds>(
                                     std::chrono::steady_clock::now() - begin));
            ++m_served;
            std::this_thread::sleep_for(2ms); // a pace, not a wait for something
        } while (!m_stop && !m_failed);
    }

    static bool isAnswered(RawSocket &client)
    {
        const auto response = client.exchange(request("POST", "/", "bystander"));
        return response && response->status == 200 && response->body == "bystander";
    }

    std::atomic<bool> m_stop = false;
    bool m_failed = false;
    int m_served = 0;
    std::chrono::milliseconds m_longest { 0 };
    std::thread m_thread;
};

/// Sends a piece until so many bytes went or the peer will have no more.
void pour(RawSocket &socket, const QByteArray &piece, qsizetype total)
{
    for (qsizetype sent = 0; sent < total && socket.send(piece); sent += piece.size()) { }
}

/// Sends a byte now and then until the peer says something.
void trickle(RawSocket &socket, const char *bytes)
{
    for (int i = 0; i < 2'000 && !socket.waitForInput(5ms); ++i)
        socket.send(QByteArrayView(bytes + i % qsizetype(qstrlen(bytes)), 1));
}

QByteArray statusIs(RawSocket &client, int expected)
{
    const auto response = client.readResponse();
    if (!response)
        return "no answer";
    if (response->status != expected)
        return "status " + QByteArray::number(response->status);
    return client.waitForEnd() ? QByteArray() : QByteArray("the connection stays open");
}

QByteArray closeIs(RawWebSocket &client, int expected)
{
    const RawClose close = client.readClose();
    if (close.code != expected)
        return "closed with " + QByteArray::number(close.code);
    return client.socket().waitForEnd() ? QByteArray() : QByteArray("the connection stays open");
}

QByteArray endsInSilence(RawSocket &client)
{
    const QByteArray said = client.readToEnd();
    if (!said.isEmpty())
        return "it said " + said;
    return client.waitForEnd() ? QByteArray() : QByteArray("the connection stays open");
}

const QByteArray Post = "POST / HTTP/1.1\r\nHost: a\r\n";

/// What an ill-meaning client does; gives what was wrong about the reaction.
struct Hazard
{
    const char *name;
    QByteArray (*meet)(quint16 port);
};

const Hazard Hazards[] {
    { "body of 200 MB, announced",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Content-Length: 200000000\r\n\r\n");
          pour(client, QByteArray(100'000, 'x'), 200 * MB);
          return statusIs(client, 413);
      } },
    { "body of 200 MB, in chunks",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Transfer-Encoding: chunked\r\n\r\n");
          pour(client, "186a0\r\n" + QByteArray(100'000, 'x') + "\r\n", 200 * MB);
          return statusIs(client, 413);
      } },
    { "chunks of one byte without end",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Transfer-Encoding: chunked\r\n\r\n");
          pour(client, QByteArray("1\r\nx\r\n").repeated(10'000), 50 * MB);
          return statusIs(client, 413);
      } },
    { "chunk extension of 100 MB",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Transfer-Encoding: chunked\r\n\r\n1;");
          pour(client, QByteArray(100'000, 'x'), 100 * MB);
          return statusIs(client, 431);
      } },
    { "header of 100 MB",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "X: ");
          pour(client, QByteArray(100'000, 'x'), 100 * MB);
          return statusIs(client, 431);
      } },
    { "headers of 100 MB",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post);
          pour(client, QByteArray("X: y\r\n").repeated(20'000), 100 * MB);
          return statusIs(client, 431);
      } },
    { "request line of 100 MB",
      [](quint16 port) {
          RawSocket client(port);
          client.send("GET /");
          pour(client, QByteArray(100'000, 'x'), 100 * MB);
          return statusIs(client, 431);
      } },
    { "bytes that are no HTTP",
      [](quint16 port) {
          RawSocket client(port);
          client.send(QByteArray::fromHex("0503010016ff0000a10303") + '\n');
          return statusIs(client, 400);
      } },
    { "trickled head",
      [](quint16 port) {
          RawSocket client(port);
          client.send("GET / HTTP/1.1\r\nHost: a\r\n");
          trickle(client, "X: y\r\n");
          return statusIs(client, 408);
      } },
    { "trickled body",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Content-Length: 1000\r\n\r\n");
          trickle(client, "x");
          return statusIs(client, 408);
      } },
    { "trickled chunks",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Transfer-Encoding: chunked\r\n\r\n");
          trickle(client, "1\r\nx\r\n");
          return statusIs(client, 408);
      } },
    { "silence after an announced 100-continue",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n");
          const auto go = client.readResponse();
          if (!go || go->status != 100)
              return QByteArray("no 100");
          return statusIs(client, 408);
      } },
    { "head cut by FIN",
      [](quint16 port) {
          RawSocket client(port);
          client.send("GET / HTTP/1.1\r\nHo");
          client.finishSending();
          return statusIs(client, 400);
      } },
    { "body cut by FIN",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Content-Length: 10\r\n\r\nhello");
          client.finishSending();
          return statusIs(client, 400);
      } },
    { "chunks cut by FIN",
      [](quint16 port) {
          RawSocket client(port);
          client.send(Post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
          client.finishSending();
          return statusIs(client, 400);
      } },
    { "FIN and nothing else",
      [](quint16 port) {
          RawSocket client(port);
          client.finishSending();
          return endsInSilence(client);
      } },
    { "requests behind one that closes",
      [](quint16 port) {
          RawSocket client(port);
          client.send(request("GET", "/", {}, "Connection: close\r\n"));
          pour(client, request("GET", "/").repeated(1'000), 20 * MB);
          return statusIs(client, 200);
      } },
    { "message of 2^62 bytes, announced",
      [](quint16 port) {
          RawWebSocket client;
          if (!client.open(port))
              return QByteArray("no upgrade");
          client.socket().send(QByteArray::fromHex("81ff400000000000000000000000"));
          pour(client.socket(), QByteArray(100'000, 'x'), 100 * MB);
          return closeIs(client, 1009);
      } },
    { "fragments without end",
      [](quint16 port) {
          RawWebSocket client;
          if (!client.open(port))
              return QByteArray("no upgrade");
          client.sendFrame(RawWebSocket::Text, "x", { .isFinal = false });
          pour(client.socket(),
               RawWebSocket::frame(RawWebSocket::Continuation, "x", { .isFinal = false })
                   .repeated(10'000),
               50 * MB);
          return closeIs(client, 1009);
      } },
    { "HTTP after an upgrade",
      [](quint16 port) {
          RawWebSocket client;
          if (!client.open(port))
              return QByteArray("no upgrade");
          client.socket().send(request("GET", "/"));
          return closeIs(client, 1002);
      } },
    { "frames behind a Close",
      [](quint16 port) {
          RawWebSocket client;
          if (!client.open(port))
              return QByteArray("no upgrade");
          client.sendClose(1000);
          pour(client.socket(), RawWebSocket::frame(RawWebSocket::Ping, "x").repeated(1'000),
               20 * MB);
          return closeIs(client, 1000);
      } },
};

} // namespace

/// The native transport before clients that mean it ill: the right answer or an end, memory
/// bounded, other clients served meanwhile. Single malformed heads, chunks and frames are in the
/// contract.
class NativeHazards final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        rlimit limit {};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = limit.rlim_max;
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }

    void hazard_isAnsweredOrEnded_andHarmsNobody_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Hazard &hazard : Hazards)
            QTest::newRow(hazard.name) << index++;
    }

    void hazard_isAnsweredOrEnded_andHarmsNobody()
    {
        QFETCH(int, index);
        EchoProcess server(Hasty);
        QVERIFY(server.isRunning());
        Bystander bystander(server.port());
        const qsizetype before = server.residentBytes();
        QCOMPARE(Hazards[index].meet(server.port()), QByteArray());
        if (!IsSanitized)
            QVERIFY(server.residentBytes() - before < 2 * MB);
        QCOMPARE(bystander.stop(), QByteArray());
        QTRY_VERIFY(server.open() == Nothing);
        QCOMPARE(server.end(), 0);
    }

    void disconnect_atEveryPoint_leavesNothing_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("length") << request("POST", "/", "hello");
        QTest::newRow("chunks") << Post
                + "Transfer-Encoding: chunked\r\n\r\n"
                  "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n";
        QTest::newRow("held") << request("POST", "/later", "hello");
        QTest::newRow("behind a held one")
            << request("GET", "/later") + request("POST", "/later", "hello");
        QTest::newRow("upgrade") << RawWebSocket::handshake()
                + RawWebSocket::frame(RawWebSocket::Text, "hel", { .isFinal = false })
                + RawWebSocket::frame(RawWebSocket::Continuation, "lo");
    }

    void disconnect_atEveryPoint_leavesNothing()
    {
        QFETCH(QByteArray, bytes);
        EchoProcess server(Patient);
        QVERIFY(server.isRunning());
        for (qsizetype cut = 0; cut <= bytes.size(); ++cut) {
            for (const bool byReset : { false, true }) {
                RawSocket client(server.port());
                QVERIFY(client.send(bytes.first(cut)));
                if (byReset)
                    client.reset();
            }
        }
        // All of them were taken up before this one, and those that a first answer lets through.
        for (int i = 0; i < 2; ++i)
            QVERIFY(server.release(10'000));
        QTRY_VERIFY(server.open() == Nothing);
        QCOMPARE(server.end(), 0);
    }

    void pipelinedRequests_unread_waitInTheKernel()
    {
        constexpr int Requests = 10'000;
        EchoProcess server(Patient);
        QVERIFY(server.isRunning());
        Bystander bystander(server.port());
        RawSocket client;
        QVERIFY(client.prepare());
        client.setReceiveBuffer(4'096);
        QVERIFY(client.connectTo(server.port()));
        const QByteArray padding(900, 'x');
        const qsizetype before = server.residentBytes();
        std::atomic<int> sent = 0;
        std::jthread sender([&] {
            while (sent < Requests
                   && client.send(request("POST", "/", QByteArray::number(sent) + padding)))
                ++sent;
        });
        // The answers have nowhere to go, so in the end the sender stands still.
        for (int last = -1, tries = 0; last != sent && tries < 50; ++tries) {
            last = sent;
            QTest::qWait(200);
        }
        QVERIFY(sent < Requests);
        const qsizetype grown = server.residentBytes() - before;
        int answered = 0;
        for (; answered < Requests; ++answered) {
            const auto response = client.readResponse();
            if (!response || response->body != QByteArray::number(answered) + padding)
                break;
        }
        sender.join();
        QCOMPARE(answered, Requests);
        if (!IsSanitized)
            QVERIFY2(grown < 2 * MB, qPrintable(QString::number(grown)));
        QCOMPARE(bystander.stop(), QByteArray());
    }

    void answerThatNobodyReads_timesOut()
    {
        EchoProcess server(Hasty);
        QVERIFY(server.isRunning());
        Bystander bystander(server.port());
        RawSocket client;
        QVERIFY(client.prepare());
        client.setReceiveBuffer(4'096);
        QVERIFY(client.connectTo(server.port()));
        QVERIFY(client.send(request("GET", "/later")));
        QTRY_VERIFY((server.open() == EchoProcess::Open { 1, 0 }));
        QVERIFY(server.release(20 * MB));
        QTRY_VERIFY(server.open() == Nothing);
        QCOMPARE(bystander.stop(), QByteArray());
        QVERIFY(client.waitForEnd());
    }

    void answerThatIsReadSlowly_arrivesWhole()
    {
        constexpr qsizetype Size = 24 * MB;
        constexpr qsizetype Piece = 800'000;
        EchoProcess server({ "patience=2000" });
        QVERIFY(server.isRunning());
        RawSocket client;
        QVERIFY(client.prepare());
        client.setReceiveBuffer(65'536);
        QVERIFY(client.connectTo(server.port()));
        QVERIFY(client.send(request("GET", "/later")));
        QTRY_VERIFY((server.open() == EchoProcess::Open { 1, 0 }));
        QVERIFY(server.release(Size));
        const QByteArray head = client.readUntil("\r\n\r\n");
        QVERIFY(head.startsWith("HTTP/1.1 200 "));
        qsizetype received = 0;
        while (received < Size) {
            QTest::qWait(150); // its pace: all of it takes twice the time-out
            const qsizetype size = client.read(std::min(Piece, Size - received)).size();
            QVERIFY2(size > 0, qPrintable(QString::number(received)));
            received += size;
        }
        QCOMPARE(received, Size);
    }

    void pings_unread_oweOnePong()
    {
        constexpr int Pings = 200'000;
        EchoProcess server(Patient);
        QVERIFY(server.isRunning());
        Bystander bystander(server.port());
        RawWebSocket client;
        QVERIFY(client.socket().prepare());
        client.socket().setReceiveBuffer(4'096);
        QVERIFY(client.open(server.port()));
        const QByteArray padding(110, 'p');
        const QByteArray ping = RawWebSocket::frame(RawWebSocket::Ping, padding);
        const qsizetype before = server.residentBytes();
        for (int i = 0; i < Pings; i += 1'000)
            QVERIFY(client.socket().send(ping.repeated(1'000)));
        QVERIFY(client.sendText("said after all pings"));
        QVERIFY(client.sendFrame(RawWebSocket::Ping, "last"));
        // What was sent is read, however little of the pongs is.
        if (!IsSanitized)
            QVERIFY(server.residentBytes() - before < 2 * MB);
        int pongs = 0;
        QByteArray text;
        QByteArray payload;
        while (payload != "last") {
            const auto frame = client.readFrame();
            QVERIFY(frame.has_value());
            if (frame->opcode == RawWebSocket::Text) {
                text = frame->payload;
                continue;
            }
            QCOMPARE(frame->opcode, RawWebSocket::Pong);
            payload = frame->payload;
            ++pongs;
        }
        QCOMPARE(text, "said after all pings");
        QVERIFY(pongs < Pings);
        QCOMPARE(bystander.stop(), QByteArray());
    }

    void webSocketThatSaysFin_stillGetsItsOutput()
    {
        EchoProcess server(
            { "patience=60000", "close=60000", "message=10000000", "output=100000000" });
        QVERIFY(server.isRunning());
        RawWebSocket client;
        QVERIFY(client.socket().prepare());
        client.socket().setReceiveBuffer(4'096);
        QVERIFY(client.open(server.port()));
        // More than the kernel keeps for one who does not read.
        const QByteArray text(8 * MB, 't');
        constexpr int Texts = 3;
        for (int i = 0; i < Texts; ++i)
            QVERIFY(client.sendText(text));
        client.socket().finishSending();
        // The session knows that it is over, and yet:
        QTRY_COMPARE(server.open().sessions, 0);
        for (int i = 0; i < Texts; ++i)
            QCOMPARE(client.readText(), text);
        QVERIFY(client.socket().waitForEnd());
        QTRY_VERIFY(server.open() == Nothing);
    }

    void halfOpenConnections_areHeldCheaply_andTimeOut()
    {
        const std::size_t count = isTls() ? 500 : IsSanitized ? 2'000 : 10'000;
        EchoProcess server({ "patience=8000" });
        QVERIFY(server.isRunning());
        Bystander bystander(server.port());
        std::vector<std::unique_ptr<RawSocket>> clients(count);
        const qsizetype before = server.residentBytes();
        for (std::size_t i = 0; i < count; ++i) {
            clients[i] = std::make_unique<RawSocket>();
            QVERIFY(clients[i]->connectTo(server.port()));
            if (i % 2 == 1)
                QVERIFY(clients[i]->send("GET / HTTP/1.1\r\nHo"));
        }
        QVERIFY(server.open() == Nothing); // behind all of them
        const qsizetype each = (server.residentBytes() - before) / static_cast<qsizetype>(count);
        if (!IsSanitized)
            QVERIFY2(each < (isTls() ? 20'000 : 1'000), qPrintable(QString::number(each)));
        QCOMPARE(bystander.stop(), QByteArray());
        for (std::size_t i = 0; i < count; ++i) {
            const QByteArray said = clients[i]->readToEnd();
            QVERIFY(i % 2 == 1 ? said.startsWith("HTTP/1.1 408 ") : said.isEmpty());
            QVERIFY(clients[i]->waitForEnd(0ms));
        }
        QTRY_VERIFY(server.descriptors() < 50);
    }

    void outOfDescriptors_thoseInsideAreServed_andThoseOutsideWhenThereIsRoom()
    {
        constexpr int Room = 5;
        const std::size_t count = isTls() ? 8 : 50; // each awaits its handshake
        EchoProcess server(Patient);
        QVERIFY(server.isRunning());
        Bystander bystander(server.port());
        RawSocket inside(server.port());
        QCOMPARE(inside.exchange(request("GET", "/")).value().status, 200);
        QVERIFY(server.limitDescriptors(server.descriptors() + Room));
        std::vector<std::unique_ptr<RawSocket>> outside;
        for (std::size_t i = 0; i < count; ++i) {
            outside.push_back(std::make_unique<RawSocket>(server.port()));
            QVERIFY(outside.back()->send(request("GET", "/")));
        }
        for (int i = 0; i < 100; ++i)
            QCOMPARE(inside.exchange(request("GET", "/")).value().status, 200);
        QVERIFY(server.limitDescriptors(0));
        for (const auto &client : outside)
            QCOMPARE(client->readResponse().value().status, 200);
        QCOMPARE(bystander.stop(), QByteArray());
    }

    void connections_thatComeAndGo_leaveRoom()
    {
        EchoProcess server(Patient);
        QVERIFY(server.isRunning());
        Bystander bystander(server.port());
        const int before = server.descriptors();
        for (int i = 0; i < 3'000; ++i) {
            RawSocket client(server.port());
            QVERIFY(client.isConnected());
            if (i % 3 == 1)
                QVERIFY(client.send("GET "));
            if (i % 2 == 1)
                client.reset();
        }
        QCOMPARE(bystander.stop(), QByteArray());
        QTRY_VERIFY(server.open() == Nothing);
        QTRY_VERIFY(server.descriptors() <= before);
    }
};

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    if (qgetenv("CARILLON_WIRE") == "tls")
        RawSocket::speak(RawSocket::Wire::Tls);
    NativeHazards hazards;
    return QTest::qExec(&hazards, argc, argv);
}
#include "tst_nativehazards.moc"
