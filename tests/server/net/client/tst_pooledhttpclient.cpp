// SPDX-License-Identifier: MPL-2.0
#include "tests/server/net/client/pooledhttpclienttest.h"

#include <QTimer>

using namespace Carillon;
using namespace std::chrono_literals;

/// What is asked, and what is said of it.
class TestPooledHttpClient final : public PooledHttpClientTest
{
    Q_OBJECT
private Q_SLOTS:
    void init() { start(); }
    void cleanup() { stop(); }

    void request_isSentAsTold_andItsAnswerGiven()
    {
        saysAlways("HTTP/1.1 404 X\r\nX-Two: 2\r\nContent-Length: 3\r\n\r\nyes");
        put("hello");
        QTRY_VERIFY(isAnswered());
        QCOMPARE(m_server->heard,
                 "PUT /0 HTTP/1.1\r\nHost: " + m_server->origin().sliced(7)
                     + "\r\nx-one: 1\r\nContent-Length: 5\r\n\r\nhello");
        QCOMPARE(status(), 404);
        QCOMPARE((*m_outcomes[0])->body, "yes");
        QCOMPARE((*m_outcomes[0])->headers.value("x-two"), QByteArrayView("2"));
    }

    void badAnswer_isToldAsWhatItIs_andEndsTheConnection_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<ErrorCode>("why");
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        QTest::newRow("garbage") << QByteArray("garbage\r\n\r\n") << ErrorCode::TryAgainLater;
        QTest::newRow("two lengths") << ok + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"
                                     << ErrorCode::TryAgainLater;
        QTest::newRow("head too long")
            << ok + "A: " + QByteArray(20'000, 'a') << ErrorCode::TryAgainLater;
        QTest::newRow("length over the limit") << ok + "Content-Length: 65537\r\n\r\n"
                                               << ErrorCode::BodyTooLarge;
        QTest::newRow("chunk over the limit") << ok + "Transfer-Encoding: chunked\r\n\r\n10001\r\n"
                                              << ErrorCode::BodyTooLarge;
    }

    void badAnswer_isToldAsWhatItIs_andEndsTheConnection()
    {
        QFETCH(const QByteArray, answer);
        saysAlways(answer);
        put();
        QTRY_VERIFY(isAnswered());
        QTEST(error().value_or(ErrorCode::Internal), "why");
        QTRY_COMPARE(m_server->openPeers(), 0);
        QCOMPARE(m_server->asked.size(), 1U);
    }

    void silentServer_timesOut_alsoWhileItDrips_andLosesItsConnection()
    {
        put("x", 300ms);
        QTRY_COMPARE(m_server->asked.size(), 1U);
        m_server->peers[0]->write("HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n");
        QTimer drip;
        connect(&drip, &QTimer::timeout, this, [this] { m_server->peers[0]->write("x"); });
        drip.start(20);
        QTRY_VERIFY_WITH_TIMEOUT(isAnswered(), 3'000);
        QCOMPARE(error(), ErrorCode::RequestTimeout);
        QTRY_COMPARE(m_server->openPeers(), 0);
    }

    void serverThatIsNotThere_isNotFound_whereItsAddressSaysSo()
    {
        const QByteArray origin = m_server->origin();
        m_server->server.close();
        putTo(origin);
        putTo("http://255.255.255.255"); // where connect() fails at once
        QTRY_VERIFY(areAllAnswered());
        QCOMPARE(error(0), ErrorCode::NotFound);
        QCOMPARE(error(1), ErrorCode::TryAgainLater);
    }

    void nameWithAnAddressThatFailsOtherwise_isTryAgainLater()
    {
        startWithNames({ QHostAddress(QStringLiteral("255.255.255.255")),
                         QHostAddress(QStringLiteral("127.0.0.9")) });
        putTo(m_server->origin("node"));
        QTRY_VERIFY(isAnswered());
        QCOMPARE(error(), ErrorCode::TryAgainLater);
    }

    void name_isLookedUp()
    {
        saysAlways(Yes);
        putTo(m_server->origin("localhost"));
        QTRY_VERIFY(isAnswered());
        QCOMPARE(status(), 200);
        QVERIFY(m_server->heard.contains("\r\nHost: localhost:"));
    }

    void addressesOfAName_areTriedInTurn_andLookedUpOnce()
    {
        // Nobody listens at the first two; at one of them connect() fails at once.
        startWithNames({ QHostAddress(QStringLiteral("255.255.255.255")),
                         QHostAddress(QStringLiteral("127.0.0.9")),
                         QHostAddress(QHostAddress::LocalHost) });
        saysAlways(Yes);
        for (std::size_t i = 0; i < 10; ++i)
            putTo(m_server->origin("node"));
        QTRY_VERIFY(areAllAnswered());
        for (std::size_t i = 0; i < 10; ++i)
            QCOMPARE(status(i), 200);
        QCOMPARE(m_lookUps, 1);
    }

    void nameThatCouldNotBeReached_isLookedUpAnew()
    {
        // Nobody listens there.
        startWithNames({ QHostAddress(QStringLiteral("127.0.0.9")) }, { .connections = 1 });
        putTo(m_server->origin("node"));
        putTo(m_server->origin("node"));
        QTRY_VERIFY(areAllAnswered());
        QCOMPARE(error(0), ErrorCode::NotFound);
        QCOMPARE(error(1), ErrorCode::NotFound);
        QCOMPARE(m_lookUps, 2);
    }

    void addressOfIPv6_isUnderstood()
    {
        const QHostAddress address(QHostAddress::LocalHostIPv6);
        if (QTcpServer probe; !probe.listen(address))
            QSKIP("there is no IPv6 here");
        m_server = std::make_unique<RawServer>(address);
        saysAlways(Yes);
        putTo(m_server->origin("[::1]"));
        QTRY_VERIFY(isAnswered());
        QCOMPARE(status(), 200);
    }

    void nameOfNobody_isTryAgainLater()
    {
        startWithNames({});
        putTo("http://nobody:8080");
        putTo("http://nobody:8080");
        QTRY_VERIFY(areAllAnswered());
        QCOMPARE(error(0), ErrorCode::TryAgainLater);
        QCOMPARE(error(1), ErrorCode::TryAgainLater);
    }

    void nameThatNobodyTells_timesOut()
    {
        m_client = std::make_unique<PooledHttpClient>(
            PooledHttpClient::Limits(),
            [](const QString &, QObject *, const HostLookup::Found &) {});
        putTo("http://nobody:8080", "x", 100ms);
        QTRY_VERIFY(isAnswered());
        QCOMPARE(error(), ErrorCode::RequestTimeout);
    }

    void https_isSpokenToo()
    {
        putTo("https://" + m_server->origin().sliced(7));
        QTRY_VERIFY(!m_server->heard.isEmpty());
        QCOMPARE(m_server->heard[0], '\x16'); // a TLS handshake
        m_server->peers[0]->abort();
        QTRY_VERIFY(isAnswered());
        QCOMPARE(error(), ErrorCode::TryAgainLater);
    }

    void longRequest_arrivesWhole_alsoOverAKeptConnection()
    {
        saysAlways(Yes);
        const QByteArray body(6'000'000, 'b');
        for (std::size_t i = 0; i < 2; ++i) {
            m_server->heard.clear();
            put(body);
            QTRY_VERIFY(isAnswered(i));
            QCOMPARE(status(i), 200);
            QVERIFY(m_server->heard.endsWith("\r\n\r\n" + body));
        }
        QCOMPARE(m_server->peers.size(), 1);
    }

    void done_mayAskAnew()
    {
        saysAlways(Yes);
        bool isDone = false;
        m_client->put(m_server->origin(), "/a", {}, {}, 20s, [&](Result<HttpClientResponse>) {
            m_client->put(m_server->origin(), "/b", {}, {}, 20s,
                          [&](const Result<HttpClientResponse> &result) { isDone = bool(result); });
        });
        QTRY_VERIFY(isDone);
        QCOMPARE(m_server->peers.size(), 1);
    }

    void destruction_dropsWhatIsOpen_whatWaits_andWhatIsLookedUp()
    {
        startWith({ .connections = 1 });
        put();
        put();
        putTo(m_server->origin("localhost"));
        QTRY_VERIFY(!m_server->asked.empty());
        putTo("http://node.invalid:8080");
        const auto kept = std::make_shared<int>();
        m_client->put(m_server->origin(), "/", {}, {}, 20s,
                      [kept](const Result<HttpClientResponse> &) { QFAIL("called back"); });
        QCOMPARE(kept.use_count(), 2);
        m_client.reset();
        QCOMPARE(kept.use_count(), 1);
        QTRY_COMPARE(m_server->openPeers(), 0);
        QTest::qWait(100);
        QVERIFY(std::ranges::none_of(m_outcomes, &Outcome::has_value));
    }
};

QTEST_GUILESS_MAIN(TestPooledHttpClient)
#include "tst_pooledhttpclient.moc"
