// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/httpcontract.h"

#include "server/net/listensocket.h"
#include "tests/support/rawsocket.h"

#include <QTest>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;

// How long connections last, and what listeners do.

namespace Carillon::Testing {

void HttpContract::connection_isKept_orAnnouncedToClose()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    for (int i = 0; i < 3; ++i) {
        const auto response = client.exchange(request("POST", "/", QByteArray::number(i)));
        QCOMPARE(response.value().body, QByteArray::number(i));
        if (response->header("Connection") == "close") {
            QVERIFY(client.waitForEnd());
            return;
        }
    }
}

void HttpContract::pipelinedRequests_areAnswered_inOrder()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(request("POST", "/later", "1") + request("POST", "/", "2")
                        + request("POST", "/later", "3")));
    fixture.http.held.take().value().responder.send({ 200, {}, "1" });
    QCOMPARE(client.readResponse().value().body, "1");
    QCOMPARE(client.readResponse().value().body, "2");
    fixture.http.held.take().value().responder.send({ 200, {}, "3" });
    QCOMPARE(client.readResponse().value().body, "3");
}

void HttpContract::connectionClose_isHonoured_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("close") << get("/", "Connection: close\r\n");
    QTest::newRow("in a list") << get("/", "Connection: te, CLOSE\r\n");
    QTest::newRow("HTTP/1.0") << QByteArray("GET / HTTP/1.0\r\n\r\n");
}

void HttpContract::connectionClose_isHonoured()
{
    QFETCH(QByteArray, bytes);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto response = client.exchange(bytes);
    QCOMPARE(response.value().header("Connection"), "close");
    QVERIFY(client.waitForEnd());
}

void HttpContract::unfinishedHead_timesOut()
{
    TransportLimits limits = testLimits();
    limits.headTimeout = 200ms;
    TransportFixture fixture(m_factory, limits);
    RawSocket client(fixture.port());
    const auto response = client.exchange("GET / HTTP/1.1\r\nHost:");
    QCOMPARE(response.value().status, 408);
    QVERIFY(client.waitForEnd());
}

void HttpContract::unfinishedBody_timesOut()
{
    TransportLimits limits = testLimits();
    limits.bodyTimeout = 200ms;
    TransportFixture fixture(m_factory, limits);
    RawSocket client(fixture.port());
    const auto response =
        client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell");
    QCOMPARE(response.value().status, 408);
    QVERIFY(client.waitForEnd());
}

void HttpContract::silentConnection_isClosed_withoutAWord()
{
    TransportLimits limits = testLimits();
    limits.headTimeout = 200ms;
    TransportFixture fixture(m_factory, limits);
    RawSocket client(fixture.port());
    QCOMPARE(client.readToEnd(), QByteArray());
    QVERIFY(client.waitForEnd());
}

void HttpContract::idleConnection_isClosed_afterAnAnswer()
{
    TransportLimits limits = testLimits();
    limits.idleTimeout = 200ms;
    TransportFixture fixture(m_factory, limits);
    RawSocket client(fixture.port());
    QCOMPARE(client.exchange(get("/")).value().status, 200);
    QCOMPARE(client.readToEnd(), QByteArray());
    QVERIFY(client.waitForEnd());
}

void HttpContract::openRequests_countsThoseNotYetAnswered()
{
    TransportFixture fixture(m_factory);
    RawSocket idle(fixture.port());
    RawSocket client(fixture.port());
    QVERIFY(client.send(get("/later")));
    const HeldRequest held = fixture.http.held.take().value();
    QCOMPARE(fixture.openRequests(), 1);
    held.responder.send({ 200, {}, {} });
    QVERIFY(client.readResponse().has_value());
    QTRY_COMPARE(fixture.openRequests(), 0);
}

void HttpContract::stopListening_refusesNewConnections_andAnswersOpenRequests()
{
    TransportFixture fixture(m_factory);
    RawSocket idle(fixture.port());
    QCOMPARE(idle.exchange(get("/")).value().status, 200);
    RawSocket client(fixture.port());
    QVERIFY(client.send(get("/later") + get("/")));
    const HeldRequest held = fixture.http.held.take().value();
    fixture.run([](Transport &transport) { transport.stopListening(); });
    QVERIFY(idle.waitForEnd());
    QVERIFY(!RawSocket(fixture.port()).isConnected());
    held.responder.send({ 200, {}, "still" });
    const auto response = client.readResponse();
    QCOMPARE(response.value().body, "still");
    QCOMPARE(response->header("Connection"), "close");
    QCOMPARE(statuses(client), QList<int>());
    QVERIFY(client.waitForEnd());
}

void HttpContract::twoWorkers_shareAPort()
{
    using WebSockets = TransportFixture::WebSockets;
    TransportFixture first(m_factory, testLimits(), WebSockets::Off);
    TransportFixture second(m_factory, testLimits(), WebSockets::Off, first.port());
    QCOMPARE(second.port(), first.port());
    constexpr std::size_t Clients = 64;
    for (std::size_t i = 0; i < Clients; ++i) {
        RawSocket client(first.port());
        QCOMPARE(client.exchange(get("/")).value().status, 200);
    }
    // The kernel spreads by a hash of the ports: all on one side would be a chance of 2^-63.
    QVERIFY(!first.http.seen.all().empty());
    QVERIFY(!second.http.seen.all().empty());
    QCOMPARE(first.http.seen.all().size() + second.http.seen.all().size(), Clients);
}

void HttpContract::portInUse_isASentence()
{
    RawSocket taken;
    TransportFixture fixture(m_factory);
    // A socket without SO_REUSEPORT on another port.
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    QVERIFY(fd >= 0 && ::listen(fd, 1) == 0);
    const quint16 port = localPort(fd);
    fixture.run([&](Transport &transport) {
        const auto result =
            transport.listen({ QStringLiteral("second"), QHostAddress(QHostAddress::LocalHost),
                               port, &fixture.http, nullptr });
        QVERIFY(!result);
        QVERIFY2(result.error().contains(QStringLiteral("in use")), qPrintable(result.error()));
        QVERIFY(result.error().contains(QString::number(port)));
    });
    ::close(fd);
}

void HttpContract::probePort_findsAServer_thatSharesItsPort()
{
    quint16 port = 0;
    {
        TransportFixture fixture(m_factory);
        port = fixture.port();
        const auto probed = probePort(QHostAddress(QHostAddress::LocalHost), port);
        QVERIFY(!probed);
        QVERIFY2(probed.error().contains(QStringLiteral("in use")), qPrintable(probed.error()));
        RawSocket client(port);
        QCOMPARE(client.exchange(get("/", "Connection: close\r\n")).value().status, 200);
        QVERIFY(client.waitForEnd());
    }
    // What is left in TIME_WAIT is no server.
    QVERIFY(probePort(QHostAddress(QHostAddress::LocalHost), port).has_value());
    QVERIFY(probePort(QHostAddress(QHostAddress::LocalHost), 0).has_value());
}

void HttpContract::outOfDescriptors_waits_withoutSpinning()
{
    TransportFixture fixture(m_factory);
    RawSocket served(fixture.port());
    QCOMPARE(served.exchange(get("/")).value().status, 200);
    RawSocket waiting;
    QVERIFY(waiting.prepare());
    rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::dup(0); // the lowest free descriptor
    QVERIFY(next >= 0);
    ::close(next);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(next);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);

    QVERIFY(waiting.connectTo(fixture.port()));
    QVERIFY(waiting.send(get("/")));
    const std::clock_t cpuBefore = std::clock();
    const bool answered = waiting.waitForInput(500ms);
    const auto cpu = std::chrono::milliseconds((std::clock() - cpuBefore) * 1'000 / CLOCKS_PER_SEC);
    const auto stillServed = served.exchange(get("/"));
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);

    QVERIFY(!answered);
    QVERIFY2(cpu < 250ms, qPrintable(QString::number(cpu.count())));
    QCOMPARE(stillServed.value().status, 200);
    QCOMPARE(waiting.readResponse().value().status, 200);
}

void HttpContract::destruction_withOpenRequests_isHarmless()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(get("/later")));
    QVERIFY(fixture.http.held.take().has_value());
    RawSocket half(fixture.port());
    QVERIFY(half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"));
    QTRY_COMPARE(fixture.openRequests(), 2);
    fixture.destroyTransport();
    QVERIFY(client.waitForEnd());
    QVERIFY(half.waitForEnd());
}

} // namespace Carillon::Testing
