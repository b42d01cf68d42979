// SPDX-License-Identifier: MPL-2.0
#include "server/net/listensocket.h"
#include "server/net/native/nativetransport.h"
#include "tests/contract/transport/transportfixture.h"
#include "tests/support/rawwebsocket.h"

#include <QElapsedTimer>
#include <QTest>

#include <ctime>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Transport> makeNative(Timers &timers, const TransportLimits &limits)
{
    return std::make_unique<NativeTransport>(timers, limits);
}

} // namespace

/// What only the native transport promises; the rest is in tests/contract/transport.
class NativeTransportTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyAddress_isServed_andThePeerNamed_data()
    {
        QTest::addColumn<QHostAddress>("address");
        QTest::newRow("all of IPv4") << QHostAddress(QHostAddress::AnyIPv4);
        QTest::newRow("IPv4 and IPv6") << QHostAddress(QHostAddress::AnyIPv6);
        QTest::newRow("loopback") << QHostAddress(QHostAddress::LocalHost);
    }

    void everyAddress_isServed_andThePeerNamed()
    {
        QFETCH(QHostAddress, address);
        TransportFixture fixture(makeNative);
        Result<quint16, QString> port = Unexpected(QString());
        fixture.run([&](Transport &transport) {
            port =
                transport.listen({ QStringLiteral("public"), address, 0, &fixture.http, nullptr });
        });
        if (!port && address == QHostAddress(QHostAddress::AnyIPv6))
            QSKIP("no IPv6 on this machine");
        QVERIFY(port.has_value());
        RawSocket client(*port);
        QCOMPARE(client.exchange(request("GET", "/")).value().status, 200);
        QCOMPARE(fixture.http.seen.take().value().peer, "127.0.0.1");
    }

    void smallWrites_doNotWaitForAcknowledgements()
    {
        TransportFixture fixture(makeNative);
        RawSocket client(fixture.port());
        QCOMPARE(client.exchange(request("GET", "/")).value().status, 200);
        // The server's end is a descriptor of this process, too: the one whose peer the client is.
        const quint16 clientPort = localPort(client.descriptor());
        int noDelay = -1;
        for (int fd = 3; fd < 1'000 && noDelay < 0; ++fd) {
            sockaddr_in peer {};
            socklen_t size = sizeof peer;
            socklen_t optionSize = sizeof noDelay;
            if (::getpeername(fd, reinterpret_cast<sockaddr *>(&peer), &size) == 0
                && peer.sin_family == AF_INET && ntohs(peer.sin_port) == clientPort)
                ::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &noDelay, &optionSize);
        }
        QCOMPARE(noDelay, 1);
    }

    void readNow_reportsWhatHasCome_beforeItReturns()
    {
        constexpr int Texts = 300;
        TransportFixture fixture(makeNative);
        RawWebSocket client;
        QVERIFY(client.open(fixture.port()));
        const ConnectionId id = fixture.webSocket.ids.take().value();
        QCOMPARE(fixture.webSocket.words.take().value(), "opened");
        std::deque<QByteArray> heard;
        fixture.run([&](Transport &transport) {
            // The worker is busy here, so nobody else reads.
            client.socket().send(RawWebSocket::frame(RawWebSocket::Text, "hello").repeated(Texts));
            transport.readNow(id);
            heard = fixture.webSocket.words.all();
        });
        QCOMPARE(heard, std::deque<QByteArray>(Texts, "text hello"));
    }

    void readNow_ofAPeerThatIsGone_endsTheSession()
    {
        TransportFixture fixture(makeNative);
        RawWebSocket client;
        QVERIFY(client.open(fixture.port()));
        const ConnectionId id = fixture.webSocket.ids.take().value();
        QCOMPARE(fixture.webSocket.words.take().value(), "opened");
        std::deque<QByteArray> heard;
        bool isGone = false;
        fixture.run([&](Transport &transport) {
            client.socket().send(RawWebSocket::frame(RawWebSocket::Text, "farewell"));
            client.socket().finishSending();
            transport.readNow(id);
            heard = fixture.webSocket.words.all();
            isGone = !transport.session(id);
        });
        QCOMPARE(heard, (std::deque<QByteArray> { "text farewell", "closed" }));
        QVERIFY(isGone);
        fixture.run([&](Transport &transport) { transport.readNow(id); }); // harmless
    }

    void answersFromAnotherThread_inOneGo_allArrive()
    {
        constexpr std::size_t Clients = 200;
        TransportFixture fixture(makeNative);
        std::vector<std::unique_ptr<RawSocket>> clients;
        std::vector<HeldRequest> held;
        for (std::size_t i = 0; i < Clients; ++i) {
            clients.push_back(std::make_unique<RawSocket>(fixture.port()));
            QVERIFY(clients.back()->send(request("POST", "/later", QByteArray::number(i))));
            held.push_back(fixture.http.held.take().value());
        }
        std::jthread other([&held] {
            for (const HeldRequest &one : held)
                one.responder.send({ 200, {}, one.request.body });
        });
        for (std::size_t i = 0; i < Clients; ++i)
            QCOMPARE(clients[i]->readResponse().value().body, QByteArray::number(i));
    }

    void requestsThatWaited_areServed_thoughNothingMoreComes()
    {
        TransportFixture fixture(makeNative);
        RawSocket client(fixture.port());
        // All in one segment, more than one turn takes, one of them answered late from afar.
        const QByteArray many = request("GET", "/").repeated(100);
        QVERIFY(client.send(many + request("GET", "/later") + many));
        client.finishSending();
        for (int i = 0; i < 100; ++i)
            QVERIFY(client.readResponse().has_value());
        const HeldRequest late = fixture.http.held.take().value();
        std::jthread other([&late] { late.responder.send({ 200, {}, "late" }); });
        QCOMPARE(client.readResponse().value().body, "late");
        for (int i = 0; i < 100; ++i)
            QVERIFY(client.readResponse().has_value());
        QVERIFY(client.waitForEnd());
    }

    void peerThatHasToWait_isNotSpunFor_data()
    {
        QTest::addColumn<QByteArray>("behind");
        QTest::addColumn<bool>("saysFin");
        QTest::addColumn<qsizetype>("answerBytes"); // 0: none yet
        const QByteArray input(1'000'000, 'x');
        QTest::newRow("half-closed, for an answer") << QByteArray() << true << qsizetype(0);
        QTest::newRow("for its next request's turn") << input << false << qsizetype(0);
        QTest::newRow("half-closed behind more input") << input << true << qsizetype(0);
        QTest::newRow("half-closed, with an answer unread")
            << QByteArray() << true << qsizetype(20'000'000);
        QTest::newRow("with an answer unread behind more input")
            << input << false << qsizetype(20'000'000);
    }

    void peerThatHasToWait_isNotSpunFor()
    {
        QFETCH(QByteArray, behind);
        QFETCH(bool, saysFin);
        QFETCH(qsizetype, answerBytes);
        TransportFixture fixture(makeNative);
        RawSocket client;
        QVERIFY(client.prepare());
        client.setReceiveBuffer(4'096);
        QVERIFY(client.connectTo(fixture.port()));
        QVERIFY(client.send(request("GET", "/later") + behind));
        if (saysFin)
            client.finishSending();
        const HeldRequest held = fixture.http.held.take().value();
        if (answerBytes > 0)
            held.responder.send({ 200, {}, QByteArray(answerBytes, 'x') });
        fixture.run([](Transport &) {});
        const std::clock_t before = std::clock();
        QElapsedTimer waited;
        waited.start();
        QTest::qWait(500); // in which a loop that spins has nothing else to do
        const qint64 cpu = (std::clock() - before) * 1'000 / CLOCKS_PER_SEC;
        QVERIFY2(cpu < waited.elapsed() / 2, qPrintable(QString::number(cpu)));
        QCOMPARE(fixture.openRequests(), 1);
    }

    void headBehindARequestInPieces_hasItsOwnTime()
    {
        TransportLimits limits = testLimits();
        limits.headTimeout = 500ms;
        TransportFixture fixture(makeNative, limits);
        RawSocket client(fixture.port());
        const QByteArray bytes = request("GET", "/");
        QVERIFY(client.send(bytes.first(10)));
        RawSocket next(fixture.port());
        QCOMPARE(next.exchange(bytes).value().status, 200); // so those of the first are read
        QVERIFY(client.send(bytes.sliced(10) + "GET /unfinished"));
        QCOMPARE(client.readResponse().value().status, 200);
        QCOMPARE(client.readResponse().value().status, 408);
        QVERIFY(client.waitForEnd());
    }

    void requestsThatHaveCome_areAnswered_whenListeningStops()
    {
        TransportLimits limits = testLimits();
        limits.stopGrace = 5s;
        TransportFixture fixture(makeNative, limits);
        RawSocket kept(fixture.port());
        QCOMPARE(kept.exchange(request("GET", "/")).value().status, 200);
        RawSocket held(fixture.port());
        QCOMPARE(held.exchange(request("GET", "/")).value().status, 200);
        RawSocket late(fixture.port());
        QCOMPARE(late.exchange(request("GET", "/")).value().status, 200);
        RawSocket fresh;
        fixture.run([&](Transport &transport) {
            // The worker is busy here, so nobody else accepts or reads.
            QVERIFY(kept.send(request("POST", "/", "kept")));
            QVERIFY(held.send(request("GET", "/later")));
            QVERIFY(fresh.connectTo(fixture.port()));
            QVERIFY(fresh.send(request("POST", "/", "fresh")));
            transport.stopListening();
            QCOMPARE(transport.openRequests(), 1);
        });
        // One that crosses the news on the wire.
        QVERIFY(late.send(request("POST", "/", "late")));
        for (const auto &[client, body] :
             { std::pair(&kept, "kept"), std::pair(&fresh, "fresh"), std::pair(&late, "late") }) {
            const auto response = client->readResponse();
            QCOMPARE(response.value().body, body);
            QCOMPARE(response->header("Connection"), "close");
            QVERIFY(client->waitForEnd());
        }
        fixture.http.held.take().value().responder.send({ 200, {}, "held" });
        QCOMPARE(held.readResponse().value().body, "held");
        QVERIFY(held.waitForEnd());
    }

    void upgrade_whenListeningStops_isRefused()
    {
        TransportFixture fixture(makeNative);
        RawSocket client(fixture.port());
        QCOMPARE(client.exchange(request("GET", "/")).value().status, 200);
        fixture.run([&](Transport &transport) {
            QVERIFY(client.send(RawWebSocket::handshake()));
            transport.stopListening();
        });
        const auto response = client.readResponse();
        QCOMPARE(response.value().status, 503);
        QCOMPARE(response->header("X-Refused"), "Draining");
        QVERIFY(client.waitForEnd());
        QVERIFY(fixture.webSocket.words.all().empty());
    }
};

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    NativeTransportTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_nativetransport.moc"
