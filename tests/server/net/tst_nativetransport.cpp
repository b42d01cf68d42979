// SPDX-License-Identifier: MPL-2.0
#include "server/net/nativetransport.h"
#include "tests/contract/transport/transportfixture.h"
#include "tests/support/rawwebsocket.h"

#include <QTest>

#include <thread>

using namespace Carillon;
using namespace Carillon::Testing;

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
        QTest::newRow("IPv4 and IPv6") << QHostAddress(QHostAddress::Any);
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
        if (!port && address == QHostAddress(QHostAddress::Any))
            QSKIP("no IPv6 on this machine");
        QVERIFY(port.has_value());
        RawSocket client(*port);
        QCOMPARE(client.exchange(request("GET", "/")).value().status, 200);
        QCOMPARE(fixture.http.seen.take().value().peer, "127.0.0.1");
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
};

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    NativeTransportTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_nativetransport.moc"
