// SPDX-License-Identifier: MPL-2.0
#include "server/net/listenerpolicy.h"
#include "server/net/native/nativetransport.h"
#include "tests/contract/transport/tlstransport.h"
#include "tests/contract/transport/transportfixture.h"
#include "tests/support/loglines.h"
#include "tests/support/rawtls.h"
#include "tests/support/rawwebsocket.h"

#include <QTest>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace std::chrono_literals;

using Share = ConnectionLimits::Share;

namespace {

std::unique_ptr<Transport> makeNative(Timers &timers, const TransportLimits &limits)
{
    return std::make_unique<NativeTransport>(timers, limits);
}

IpAddress address(QByteArrayView text)
{
    return IpAddress::parse(text).value();
}

std::vector<IpNetwork> loopbackTrusted()
{
    return { IpNetwork::parse("127.0.0.1").value() };
}

/// The metrics, as far as somebody adds to them. Thread: any.
class Counts
{
public:
    [[nodiscard]] ConnectionLimits::Count adder()
    {
        return [this](Metric metric, std::int64_t by) {
            m_values[static_cast<std::size_t>(metric)] += by;
        };
    }
    [[nodiscard]] std::int64_t operator[](Metric metric) const
    {
        return m_values[static_cast<std::size_t>(metric)];
    }

private:
    std::array<std::atomic<std::int64_t>, MetricCount> m_values {};
};

/// A native transport whose listener has a policy.
struct GatedServer
{
    explicit GatedServer(ConnectionLimits::Most most, ListenerPolicy::Rules rules = {},
                         const TransportLimits &transportLimits = testLimits())
        : limits(most, counts.adder()), policy(limits, std::move(rules)),
          fixture(makeNative, transportLimits)
    {
        fixture.run([this](Transport &transport) {
            port = transport
                       .listen({ .name = QStringLiteral("gated"),
                                 .address = QHostAddress(QHostAddress::LocalHost),
                                 .http = &fixture.http,
                                 .webSocket = &fixture.webSocket,
                                 .policy = &policy })
                       .value();
        });
    }
    [[nodiscard]] static bool isServed(RawSocket &client)
    {
        const auto response = client.exchange(request("GET", "/"));
        return response && response->status == 200;
    }

    Counts counts;
    ConnectionLimits limits;
    ListenerPolicy policy;
    TransportFixture fixture;
    quint16 port = 0;
};

} // namespace

/// How many connections there may be, how fast they come, and whose they are.
class ConnectionLimitsTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // The counts.

    void places_inAll_areGivenOnce()
    {
        Counts counts;
        ConnectionLimits limits({ .inAll = 32 }, counts.adder());
        std::vector<ConnectionTicket> tickets;
        while (auto ticket = limits.open(Share::MostPlaces))
            tickets.push_back(std::move(*ticket));
        QCOMPARE(tickets.size(), std::size_t(30));
        while (auto ticket = limits.open(Share::AllPlaces))
            tickets.push_back(std::move(*ticket));
        QCOMPARE(tickets.size(), std::size_t(32));
        QCOMPARE(counts[Metric::Sockets], 32);
        tickets.pop_back();
        QVERIFY(!limits.open(Share::MostPlaces).has_value());
        QVERIFY(limits.open(Share::AllPlaces).has_value());
        tickets.clear();
        QCOMPARE(counts[Metric::Sockets], 0);
    }

    void places_ofAnAddress_areGivenOnce_andComeBack()
    {
        Counts counts;
        ConnectionLimits limits({ .perAddress = 2 }, counts.adder());
        const auto take = [&limits](QByteArrayView from) {
            std::optional<ConnectionTicket> ticket = limits.open(Share::AllPlaces);
            return ticket->take(address(from)) ? std::move(ticket) : std::nullopt;
        };
        auto one = take("192.0.2.1");
        auto two = take("192.0.2.1");
        QVERIFY(one && two);
        QVERIFY(!take("192.0.2.1"));
        QCOMPARE(counts[Metric::ConnectionsRefusedAddress], 1);
        QVERIFY(take("192.0.2.2").has_value());
        // A ticket that moves on to another address gives its place back; asking again costs none.
        QVERIFY(one->take(address("192.0.2.3")));
        QVERIFY(one->take(address("192.0.2.3")));
        auto three = take("192.0.2.1");
        QVERIFY(three.has_value());
        QVERIFY(!one->take(address("192.0.2.1")));
        three.reset();
        QVERIFY(one->take(address("192.0.2.1")));
        QVERIFY(take("192.0.2.3").has_value());
    }

    void places_ofIPv6_areTheNetworks()
    {
        ConnectionLimits limits({ .perAddress = 1 });
        auto one = limits.open(Share::AllPlaces);
        auto two = limits.open(Share::AllPlaces);
        QVERIFY(one->take(address("2001:db8:1:2::1")));
        QVERIFY(!two->take(address("2001:db8:1:2::2")));
        QVERIFY(two->take(address("2001:db8:1:3::1")));
    }

    void places_ofLoopback_haveNoEnd()
    {
        ConnectionLimits limits({ .perAddress = 1 });
        std::vector<ConnectionTicket> tickets;
        for (int i = 0; i < 10; ++i) {
            for (const char *from : { "127.0.0.1", "::1" }) {
                tickets.push_back(std::move(*limits.open(Share::AllPlaces)));
                QVERIFY(tickets.back().take(address(from)));
            }
        }
    }

    void refusals_areOneLogLine()
    {
        const LogLines log;
        ConnectionLimits limits({ 10, 2 });
        std::vector<ConnectionTicket> tickets;
        while (auto ticket = limits.open(ConnectionLimits::Share::AllPlaces))
            tickets.push_back(std::move(*ticket));
        QVERIFY(!limits.open(ConnectionLimits::Share::AllPlaces));
        QCOMPARE(LogLines::lines().size(), 1);
        QVERIFY(LogLines::lines().constLast().contains(QStringLiteral("limits.connections)")));
        for (ConnectionTicket &ticket : tickets)
            static_cast<void>(ticket.take(address("192.0.2.1")));
        QCOMPARE(LogLines::lines().size(), 2);
        QVERIFY(LogLines::lines().constLast().contains(QStringLiteral("192.0.2.1 has 2")));
    }

    void noLimit_isNone()
    {
        ConnectionLimits limits({});
        std::vector<ConnectionTicket> tickets;
        for (int i = 0; i < 1'000; ++i) {
            tickets.push_back(std::move(*limits.open(Share::MostPlaces)));
            QVERIFY(tickets.back().take(address("192.0.2.1")));
        }
    }

    void descriptors_makePlaces_andLeaveSome()
    {
        QCOMPARE(ConnectionLimits::placesOf(1'048'576, 4), 1'048'576 - 256);
        QCOMPARE(ConnectionLimits::placesOf(1'024, 2), 832);
        QCOMPARE(ConnectionLimits::placesOf(100, 2), 50);
    }

    // The listener.

    void connectionsOverTheLimit_wait_untilOneIsFree()
    {
        GatedServer server({ .inAll = 2 });
        RawSocket one(server.port);
        auto two = std::make_unique<RawSocket>(server.port);
        QVERIFY(server.isServed(one) && server.isServed(*two));
        RawSocket three(server.port);
        QVERIFY(three.isConnected()); // in the backlog
        QVERIFY(three.send(request("GET", "/")));
        QTRY_VERIFY(server.counts[Metric::AcceptPausesFull] > 0);
        QVERIFY(server.isServed(one));
        QCOMPARE(server.counts[Metric::Sockets], 2);
        two.reset();
        QCOMPARE(three.readResponse().value().status, 200);
        QVERIFY(server.isServed(one));
    }

    void connectionsThatComeTooFast_wait_andAreServedLater()
    {
        GatedServer server({}, { .acceptRate = { 1, 3'600s, 2 } });
        RawSocket one(server.port);
        RawSocket two(server.port);
        QVERIFY(server.isServed(one) && server.isServed(two));
        RawSocket three(server.port);
        QVERIFY(three.send(request("GET", "/")));
        QTRY_VERIFY(server.counts[Metric::AcceptPausesRate] > 0);
        QVERIFY(server.isServed(one));
        QCOMPARE(server.counts[Metric::Sockets], 2);
        server.policy.setAcceptRate({});
        QCOMPARE(three.readResponse().value().status, 200);
    }

    void acceptRate_letsAllIn_oneAfterTheOther()
    {
        GatedServer server({}, { .acceptRate = { 200, 1s, 1 } });
        std::vector<std::unique_ptr<RawSocket>> clients;
        for (int i = 0; i < 40; ++i) {
            clients.push_back(std::make_unique<RawSocket>(server.port));
            QVERIFY(clients.back()->send(request("GET", "/")));
        }
        for (const auto &client : clients)
            QCOMPARE(client->readResponse().value().status, 200);
        QVERIFY(server.counts[Metric::AcceptPausesRate] > 0);
    }

    // Proxies.

    void forwardedFor_ofATrustedProxy_limitsUpgradesByClient()
    {
        GatedServer server({ .perAddress = 1 }, { .trustedProxies = loopbackTrusted() });
        const QByteArrayView from = "X-Forwarded-For: 192.0.2.1\r\n";
        RawWebSocket one;
        QVERIFY(one.open(server.port, from));
        RawWebSocket two;
        QVERIFY(!two.open(server.port, from));
        QCOMPARE(two.answer().status, 429);
        QCOMPARE(two.answer().header("X-Refused"), "TooManyConnections");
        QVERIFY(two.socket().waitForEnd());
        QCOMPARE(server.counts[Metric::ConnectionsRefusedAddress], 1);
        RawWebSocket other;
        QVERIFY(other.open(server.port, "X-Forwarded-For: 192.0.2.2\r\n"));
        // The proxy itself may have as many as it likes, and its clients any number of requests.
        RawWebSocket ofProxy;
        RawWebSocket alsoOfProxy;
        QVERIFY(ofProxy.open(server.port) && alsoOfProxy.open(server.port));
        RawSocket http(server.port);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(http.exchange(request("GET", "/", {}, from)).value().status, 200);
        // The place comes back with the end of the connection.
        one.socket().close();
        QTRY_COMPARE(server.counts[Metric::Sockets], 4);
        RawWebSocket three;
        QVERIFY(three.open(server.port, from));
    }

    void proxyHeader_namesThePeer_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("peer");
        const QByteArray v2 = QByteArray::fromHex("0d0a0d0a000d0a515549540a");
        QTest::newRow("v1") << QByteArray("PROXY TCP4 192.0.2.1 10.0.0.1 5 6\r\n")
                            << QByteArray("192.0.2.1");
        QTest::newRow("v2") << v2 + QByteArray::fromHex("2111000cc00002010a000001000101bb")
                            << QByteArray("192.0.2.1");
        QTest::newRow("v2, the proxy's own")
            << v2 + QByteArray::fromHex("20000000") << QByteArray("127.0.0.1");
    }

    void proxyHeader_namesThePeer()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, peer);
        GatedServer server({}, { .trustedProxies = loopbackTrusted(), .proxyProtocol = true });
        // With the request behind it, and byte by byte.
        RawSocket whole(server.port);
        QCOMPARE(whole.exchange(header + request("GET", "/")).value().status, 200);
        QCOMPARE(server.fixture.http.seen.take().value().peer, peer);
        RawSocket pieces(server.port);
        for (const char byte : header + request("POST", "/", "body"))
            QVERIFY(pieces.send(QByteArrayView(&byte, 1)));
        QCOMPARE(pieces.readResponse().value().body, "body");
        QCOMPARE(server.fixture.http.seen.take().value().peer, peer);
        // It stands once at the start, whatever the requests say.
        QCOMPARE(
            pieces.exchange(request("GET", "/", {}, "X-Forwarded-For: 6.6.6.6\r\n")).value().status,
            200);
        QCOMPARE(server.fixture.http.seen.take().value().peer,
                 peer == "127.0.0.1" ? QByteArray("6.6.6.6") : peer);
    }

    void proxyHeader_standsBeforeTls()
    {
        const TlsServer tls(makeTlsContext());
        ConnectionLimits limits({});
        ListenerPolicy policy(limits,
                              { .trustedProxies = loopbackTrusted(), .proxyProtocol = true });
        TransportFixture fixture(makeNative);
        quint16 port = 0;
        fixture.run([&](Transport &transport) {
            port = transport
                       .listen({ .name = QStringLiteral("gated"),
                                 .address = QHostAddress(QHostAddress::LocalHost),
                                 .http = &fixture.http,
                                 .tls = &tls,
                                 .policy = &policy })
                       .value();
        });
        RawSocket client(port);
        QVERIFY(client.send("PROXY TCP4 192.0.2.1 10.0.0.1 5 6\r\n"));
        client.wrap(std::make_unique<RawTls>(client.descriptor()));
        QCOMPARE(client.exchange(request("POST", "/", "in secret")).value().body, "in secret");
        QCOMPARE(fixture.http.seen.take().value().peer, "192.0.2.1");
        fixture.destroyTransport(); // before its policy
    }

    void trustedProxyWithoutHeader_isClosed_andCounted_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("HTTP") << request("GET", "/");
        QTest::newRow("cut") << QByteArray("PROXY TCP4 192.0.2.1");
        QTest::newRow("malformed") << QByteArray("PROXY TCP4 nobody 10.0.0.1 5 6\r\n");
    }

    void trustedProxyWithoutHeader_isClosed_andCounted()
    {
        QFETCH(QByteArray, bytes);
        TransportLimits hasty = testLimits();
        hasty.headTimeout = 200ms; // for the one that is cut
        GatedServer server({}, { .trustedProxies = loopbackTrusted(), .proxyProtocol = true },
                           hasty);
        RawSocket client(server.port);
        QVERIFY(client.send(bytes));
        QCOMPARE(client.readToEnd(), QByteArray());
        QVERIFY(client.waitForEnd());
        QTRY_COMPARE(server.counts[Metric::ConnectionsRefusedProxyHeader], 1);
        QTRY_COMPARE(server.counts[Metric::Sockets], 0);
    }

    void proxyHeader_ofSomebodyElse_isNoHttp()
    {
        GatedServer server({},
                           { .trustedProxies = { IpNetwork::parse("192.0.2.0/24").value() },
                             .proxyProtocol = true });
        RawSocket client(server.port);
        QVERIFY(server.isServed(client));
        QCOMPARE(client.exchange("PROXY TCP4 192.0.2.1 10.0.0.1 5 6\r\n\r\n").value().status, 400);
    }

    void connectionsOverTheirAddressLimit_areClosedAtOnce()
    {
        GatedServer server({ .perAddress = 2 },
                           { .trustedProxies = loopbackTrusted(), .proxyProtocol = true });
        const QByteArray ofOne = "PROXY TCP4 192.0.2.1 10.0.0.1 5 6\r\n" + request("GET", "/");
        const QByteArray ofOther = "PROXY TCP4 192.0.2.2 10.0.0.1 5 6\r\n" + request("GET", "/");
        auto one = std::make_unique<RawSocket>(server.port);
        RawSocket two(server.port);
        QCOMPARE(one->exchange(ofOne).value().status, 200);
        QCOMPARE(two.exchange(ofOne).value().status, 200);
        RawSocket three(server.port);
        QVERIFY(three.send(ofOne));
        QCOMPARE(three.readToEnd(), QByteArray());
        QCOMPARE(server.counts[Metric::ConnectionsRefusedAddress], 1);
        RawSocket other(server.port);
        QCOMPARE(other.exchange(ofOther).value().status, 200);
        one.reset();
        QTRY_COMPARE(server.counts[Metric::Sockets], 2);
        RawSocket four(server.port);
        QCOMPARE(four.exchange(ofOne).value().status, 200);
    }

    void endOfListening_endsThoseThatHaveNotSaidWhoTheyAre()
    {
        GatedServer server({}, { .trustedProxies = loopbackTrusted(), .proxyProtocol = true });
        RawSocket client(server.port);
        QVERIFY(client.send("PROXY "));
        QTRY_COMPARE(server.counts[Metric::Sockets], 1);
        RawSocket said;
        server.fixture.run([&](Transport &transport) {
            QVERIFY(said.connectTo(server.port));
            QVERIFY(said.send("PROXY TCP4 192.0.2.1 10.0.0.1 5 6\r\n" + request("GET", "/")));
            transport.stopListening();
        });
        QVERIFY(client.waitForEnd());
        QCOMPARE(said.readResponse().value().status, 200);
        QTRY_COMPARE(server.counts[Metric::Sockets], 0);
    }
};

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    ConnectionLimitsTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_connectionlimits.moc"
