// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/httpcontract.h"

#include "tests/support/rawsocket.h"

#include <QTest>

#include <array>
#include <thread>

using namespace std::chrono_literals;

// What is answered, and to whom.

namespace Carillon::Testing {

void HttpContract::answer_hasDateAndLength()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto response = client.exchange(request("POST", "/", "12345"));
    QCOMPARE(response.value().header("Content-Length"), "5");
    QCOMPARE(response->header("x-answer"), "at once");
    const QString date = QString::fromLatin1(response->header("Date"));
    const auto read =
        QLocale::c().toDateTime(date, QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    QVERIFY2(read.isValid(), qPrintable(date));
    QVERIFY(std::abs(read.secsTo(QDateTime::currentDateTimeUtc().toLocalTime().addSecs(
                -QDateTime::currentDateTime().offsetFromUtc())))
            < 60);
}

void HttpContract::head_isAnsweredLikeGet_withoutBody()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(request("HEAD", "/later")));
    fixture.http.held.take().value().responder.send({ 200, {}, "not for HEAD" });
    const auto response = client.readResponse(true);
    QCOMPARE(response.value().status, 200);
    QCOMPARE(response->header("Content-Length"), "12");
    // Were there a body, it would stand where the next answer begins.
    QCOMPARE(client.exchange(get("/")).value().status, 200);
}

void HttpContract::refusedHead_ofHead_isAnsweredWithoutBody_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    QTest::newRow("malformed") << QByteArray("HEAD / HTTP/1.1\r\n\r\n") << 400;
    QTest::newRow("bare LF") << QByteArray("HEAD / HTTP/1.1\n\n") << 400;
    QTest::newRow("too large") << "HEAD / HTTP/1.1\r\nX: " + QByteArray(17'000, 'x') << 431;
    QTest::newRow("unfinished") << QByteArray("HEAD / HTTP/1.1\r\n") << 408;
    QTest::newRow("body too large")
        << QByteArray("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n") << 413;
}

void HttpContract::refusedHead_ofHead_isAnsweredWithoutBody()
{
    QFETCH(QByteArray, bytes);
    TransportLimits limits = testLimits();
    limits.headTimeout = 200ms;
    TransportFixture fixture(m_factory, limits);
    RawSocket client(fixture.port());
    client.send(bytes);
    const auto response = client.readResponse(true);
    QVERIFY(response.has_value());
    QTEST(response->status, "status");
    QCOMPARE(response->header("Content-Length"), "7");
    QCOMPARE(client.readToEnd(), QByteArray());
}

void HttpContract::statusWithoutBody_hasNoLength()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(get("/later")));
    fixture.http.held.take().value().responder.send({ 204, {}, {} });
    const auto response = client.readResponse();
    QCOMPARE(response.value().status, 204);
    QVERIFY(!response->hasHeader("Content-Length"));
    QCOMPARE(client.exchange(get("/")).value().status, 200);
}

void HttpContract::headerThatBreaksTheHead_isLeftOut()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(get("/later")));
    fixture.http.held.take().value().responder.send(
        { 200, { { "x-bad", "a\r\nx-injected: b" }, { "x-good", "c" } }, {} });
    const auto response = client.readResponse();
    QCOMPARE(response.value().header("x-good"), "c");
    QVERIFY(!response->hasHeader("x-injected"));
}

void HttpContract::expectContinue_isAnswered_beforeTheBody()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto go = client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                                    "Expect: 100-Continue\r\n\r\n");
    QCOMPARE(go.value().status, 100);
    const auto response = client.exchange("hello");
    QCOMPARE(response.value().status, 200);
    QCOMPARE(response->body, "hello");
}

void HttpContract::expectContinue_overTheLimit_isRefusedInstead()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto response = client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n"
                                          "Expect: 100-continue\r\n\r\n");
    QCOMPARE(response.value().status, 413);
}

void HttpContract::expectation_thatNeedsNoAnswer_getsNone_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::addColumn<QByteArray>("rest");
    const QByteArray fields = "Host: a\r\nContent-Length: 5\r\n";
    const QByteArray post = "POST / HTTP/1.1\r\n" + fields;
    QTest::newRow("another one") << post + "Expect: tea\r\n\r\n" << QByteArray("hello");
    QTest::newRow("HTTP/1.0") << "POST / HTTP/1.0\r\n" + fields + "Expect: 100-continue\r\n\r\n"
                              << QByteArray("hello");
    QTest::newRow("some of the body is there")
        << post + "Expect: 100-continue\r\n\r\nhe" << QByteArray("llo");
    QTest::newRow("all of it is there")
        << post + "Expect: 100-continue\r\n\r\nhello" << QByteArray();
    QTest::newRow("no body") << get("/", "Expect: 100-continue\r\n") << QByteArray();
}

void HttpContract::expectation_thatNeedsNoAnswer_getsNone()
{
    QFETCH(QByteArray, start);
    QFETCH(QByteArray, rest);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(start));
    if (!rest.isEmpty()) {
        QTRY_COMPARE(fixture.openRequests(), 1); // the head is read
        QVERIFY(client.send(rest));
    }
    QCOMPARE(client.readResponse().value().status, 200);
}

void HttpContract::answerFromAnotherThread_arrives()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(get("/later")));
    const HeldRequest held = fixture.http.held.take().value();
    std::thread other([&held] { held.responder.send({ 201, {}, "from afar" }); });
    const auto response = client.readResponse();
    other.join();
    QCOMPARE(response.value().status, 201);
    QCOMPARE(response->body, "from afar");
}

void HttpContract::secondAnswer_isIgnored()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(get("/later")));
    const HeldRequest held = fixture.http.held.take().value();
    held.responder.send({ 200, {}, "first" });
    held.responder.send({ 200, {}, "second" });
    QCOMPARE(client.readResponse().value().body, "first");
    // Nor does a late one answer the connection's next request.
    QVERIFY(client.send(get("/later")));
    const HeldRequest next = fixture.http.held.take().value();
    held.responder.send({ 200, {}, "third" });
    next.responder.send({ 200, {}, "of the next" });
    QCOMPARE(client.readResponse().value().body, "of the next");
}

void HttpContract::answerForAGoneConnection_reachesNobodyElse()
{
    TransportFixture fixture(m_factory);
    RawSocket first(fixture.port());
    QVERIFY(first.send(get("/later", "Connection: close\r\n")));
    const HeldRequest held = fixture.http.held.take().value();
    held.responder.send({ 200, {}, "for the first" });
    QCOMPARE(first.readResponse().value().body, "for the first");
    QVERIFY(first.waitForEnd());
    first.close();

    // Enough others that one of them has the slot of the first.
    std::array<RawSocket, 8> others;
    for (RawSocket &other : others) {
        QVERIFY(other.connectTo(fixture.port()));
        QVERIFY(other.send(get("/later")));
        const HeldRequest theirs = fixture.http.held.take().value();
        held.responder.send({ 500, {}, "for the first" });
        theirs.responder.send({ 200, {}, "for this one" });
        QCOMPARE(other.readResponse().value().body, "for this one");
    }
}

void HttpContract::clientGoneBeforeItsAnswer_isHarmless_data()
{
    QTest::addColumn<bool>("byReset");
    QTest::newRow("FIN") << false;
    QTest::newRow("RST") << true;
}

void HttpContract::clientGoneBeforeItsAnswer_isHarmless()
{
    QFETCH(bool, byReset);
    TransportFixture fixture(m_factory);
    std::vector<HeldRequest> held;
    for (int i = 0; i < 20; ++i) {
        RawSocket client(fixture.port());
        QVERIFY(client.send(request("POST", "/later", "body")));
        held.push_back(fixture.http.held.take().value());
        if (byReset)
            client.reset();
    }
    for (const HeldRequest &one : held)
        one.responder.send({ 200, {}, QByteArray(100'000, 'x') });
    RawSocket client(fixture.port());
    QCOMPARE(client.exchange(get("/")).value().status, 200);
    QTRY_COMPARE(fixture.openRequests(), 0);
}

void HttpContract::answerToAll_isThatOfEachOpenRequest_andItsOwnComesTooLate()
{
    TransportFixture fixture(m_factory);
    std::vector<std::unique_ptr<RawSocket>> clients;
    std::vector<HeldRequest> held;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<RawSocket>(fixture.port()));
        QVERIFY(clients.back()->send(request("POST", "/later", "body")));
        held.push_back(fixture.http.held.take().value());
    }
    RawSocket idle(fixture.port());
    QCOMPARE(idle.exchange(get("/")).value().status, 200);
    fixture.run([](Transport &transport) { transport.answerAll({ 503, {}, "refused" }); });
    for (const HeldRequest &one : held)
        one.responder.send({ 200, {}, "late" });
    for (const auto &client : clients) {
        const auto answer = client->readResponse();
        QVERIFY(answer);
        QCOMPARE(answer->status, 503);
        QCOMPARE(client->exchange(get("/")).value().status, 200);
    }
    QCOMPARE(idle.exchange(get("/")).value().status, 200);
    QTRY_COMPARE(fixture.openRequests(), 0);
}

void HttpContract::halfClosedClient_getsItsAnswer_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("GET") << get("/later");
    QTest::newRow("POST") << request("POST", "/later", "hello");
    QTest::newRow("chunked") << request("POST", "/later", {}, "Transfer-Encoding: chunked\r\n")
            + "5\r\nhello\r\n0\r\n\r\n";
}

void HttpContract::halfClosedClient_getsItsAnswer()
{
    QFETCH(QByteArray, bytes);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(bytes));
    client.finishSending();
    const HeldRequest held = fixture.http.held.take().value();
    // Two turns of the worker's loop, in which it could notice the FIN.
    fixture.run([](Transport &) {});
    fixture.run([](Transport &) {});
    held.responder.send({ 200, {}, "all the same" });
    QCOMPARE(client.readResponse().value().body, "all the same");
    QVERIFY(client.waitForEnd());
}

void HttpContract::largeAnswer_arrivesWhole()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const QByteArray body(20'000'000, 'x');
    for (int i = 0; i < 2; ++i) {
        QVERIFY(client.send(get("/later")));
        fixture.http.held.take().value().responder.send({ 200, {}, body });
        const auto response = client.readResponse();
        QCOMPARE(response.value().body.size(), body.size());
    }
}

} // namespace Carillon::Testing
