// SPDX-License-Identifier: MPL-2.0
#include "tests/server/net/client/pooledhttpclienttest.h"

#include <QTimer>

#include <sys/socket.h>

using namespace Carillon;
using namespace std::chrono_literals;

/// Over which connections an PooledHttpClient asks, and when it asks twice.
class TestKeptConnections final : public PooledHttpClientTest
{
    Q_OBJECT
private Q_SLOTS:
    void init() { start(); }
    void cleanup() { stop(); }

    void connection_isKept_alsoAfterChunksAnd204_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("length") << Yes;
        QTest::newRow("chunked") << QByteArray(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nyes\r\n0\r\n\r\n");
        QTest::newRow("204") << QByteArray("HTTP/1.1 204 X\r\n\r\n");
    }

    void connection_isKept_alsoAfterChunksAnd204()
    {
        QFETCH(const QByteArray, answer);
        saysAlways(answer);
        for (std::size_t i = 0; i < 3; ++i) {
            put();
            QTRY_VERIFY(isAnswered(i));
            QVERIFY(status(i) == 204 || (*m_outcomes[i])->body == "yes");
        }
        QCOMPARE(m_server->peers.size(), 1);
    }

    void connection_isNotKept_whereTheAnswerSaysSoOrLeavesADoubt_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("serverEnds");
        QTest::newRow("close") << QByteArray("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                             "Content-Length: 0\r\n\r\n")
                               << false;
        QTest::newRow("HTTP/1.0") << QByteArray("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
                                  << false;
        QTest::newRow("bytes behind it") << Yes + "no" << false;
        QTest::newRow("all up to the end") << QByteArray("HTTP/1.1 200 OK\r\n\r\nyes") << true;
    }

    void connection_isNotKept_whereTheAnswerSaysSoOrLeavesADoubt()
    {
        QFETCH(const QByteArray, answer);
        QFETCH(const bool, serverEnds);
        m_server->answer = [=](const RawServer::Asked &asked) {
            asked.peer->write(answer);
            if (serverEnds)
                asked.peer->disconnectFromHost();
        };
        for (std::size_t i = 0; i < 2; ++i) {
            put();
            QTRY_VERIFY(isAnswered(i));
            QCOMPARE(status(i), 200);
        }
        QCOMPARE(m_server->peers.size(), 2);
        QTRY_COMPARE(m_server->openPeers(), 0);
    }

    void serverThatSpeaksUnasked_losesItsConnection()
    {
        saysAlways(Yes);
        put();
        QTRY_VERIFY(isAnswered());
        m_server->peers[0]->write(Yes);
        QTRY_COMPARE(m_server->openPeers(), 0);
    }

    void keptConnectionThatTheServerEnded_isEndedToo_andNotUsed()
    {
        saysAlways(Yes);
        put();
        QTRY_VERIFY(isAnswered());
        ::shutdown(static_cast<int>(m_server->peers[0]->socketDescriptor()), SHUT_WR);
        QTRY_COMPARE(m_server->openPeers(), 0);
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(status(1), 200);
        QCOMPARE(m_server->asked.size(), 2U);
    }

    void keptConnectionThatTheServerEndsMeanwhile_isAskedOnceMore()
    {
        saysFromTheSecondOn([this](QTcpSocket &peer) {
            if (&peer == m_server->peers[0])
                peer.abort();
            else
                peer.write(Yes);
        });
        put();
        QTRY_VERIFY(isAnswered());
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(status(1), 200);
        QCOMPARE(m_server->peers.size(), 2);
        QCOMPARE(m_server->asked.size(), 3U);
        QCOMPARE(m_server->asked[2].path, "/1");
    }

    void requestThatEndsTheNextConnectionToo_isNotAskedAThirdTime()
    {
        saysFromTheSecondOn([](QTcpSocket &peer) { peer.disconnectFromHost(); });
        put();
        QTRY_VERIFY(isAnswered());
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(error(1), ErrorCode::TryAgainLater);
        QCOMPARE(m_server->asked.size(), 3U);
    }

    void serverThatWentWhileItsConnectionWasKept_isNotFound()
    {
        saysAlways(Yes);
        put();
        QTRY_VERIFY(isAnswered());
        m_server->server.close();
        m_server->answer = [](const RawServer::Asked &asked) { asked.peer->abort(); };
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(error(1), ErrorCode::NotFound);
    }

    void newConnectionThatEnds_isNotAskedAgain()
    {
        m_server->answer = [](const RawServer::Asked &asked) { asked.peer->disconnectFromHost(); };
        put();
        QTRY_VERIFY(isAnswered());
        QCOMPARE(error(), ErrorCode::TryAgainLater);
        QCOMPARE(m_server->asked.size(), 1U);
    }

    void keptConnectionThatEndsWithinAnAnswer_isNotAskedAgain()
    {
        saysFromTheSecondOn([](QTcpSocket &peer) {
            peer.write("HTTP/1.1 200 OK\r\nContent-Le");
            peer.disconnectFromHost();
        });
        put();
        QTRY_VERIFY(isAnswered());
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(error(1), ErrorCode::TryAgainLater);
        QCOMPARE(m_server->asked.size(), 2U);
    }

    void requestsBeyondTheBound_waitForTheirTurn()
    {
        startWith({ .connections = 3 });
        qsizetype most = 0;
        m_server->answer = [&](const RawServer::Asked &asked) {
            most = std::max(most, m_server->openPeers());
            QTimer::singleShot(5, asked.peer, [peer = asked.peer] { peer->write(Yes); });
        };
        constexpr std::size_t All = 40;
        for (std::size_t i = 0; i < All; ++i)
            put();
        QTRY_VERIFY(areAllAnswered());
        for (std::size_t i = 0; i < All; ++i)
            QCOMPARE(status(i), 200);
        QCOMPARE(most, 3);
        QCOMPARE(m_server->peers.size(), 3);
        QCOMPARE(m_server->asked.size(), All);
    }

    void placeOfALostConnection_isGivenToTheNext_inTheirOrder()
    {
        startWith({ .connections = 1 });
        m_server->answer = [this](const RawServer::Asked &asked) {
            if (m_server->asked.size() == 1)
                asked.peer->abort();
            else
                asked.peer->write(Yes);
        };
        for (std::size_t i = 0; i < 4; ++i)
            put();
        QTRY_VERIFY(areAllAnswered());
        QCOMPARE(error(0), ErrorCode::TryAgainLater);
        for (std::size_t i = 1; i < 4; ++i) {
            QCOMPARE(status(i), 200);
            QCOMPARE(m_server->asked[i].path, '/' + QByteArray::number(i));
        }
    }

    void requestThatWaits_timesOutToo_andIsNeverSent()
    {
        startWith({ .connections = 1 });
        put("x", 20s);
        put("x", 100ms);
        QTRY_VERIFY_WITH_TIMEOUT(isAnswered(1), 3'000);
        QCOMPARE(error(1), ErrorCode::RequestTimeout);
        m_server->peers[0]->write(Yes);
        QTRY_VERIFY(isAnswered(0));
        put();
        QTRY_COMPARE(m_server->asked.size(), 2U);
        QCOMPARE(m_server->asked[1].path, "/2");
    }

    void servers_areAskedOverConnectionsOfTheirOwn()
    {
        RawServer other;
        other.answer = [](const RawServer::Asked &asked) { asked.peer->write(Yes); };
        saysAlways(Yes);
        put();
        QTRY_VERIFY(isAnswered());
        putTo(other.origin());
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(other.asked.size(), 1U);
        QCOMPARE(m_server->asked.size(), 1U);
    }

    void serverThatAnswersBeforeItHeardAll_isBelieved_butItsConnectionNotKept()
    {
        m_server->isDeaf = true;
        put(QByteArray(20'000'000, 'b'));
        QTRY_COMPARE(m_server->peers.size(), 1);
        m_server->peers[0]->write("HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n");
        QTRY_VERIFY(isAnswered());
        QCOMPARE(status(), 413);
        m_server->isDeaf = false;
        saysAlways(Yes);
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(m_server->peers.size(), 2);
    }

    void idleConnection_isClosedAfterAWhile()
    {
        startWith({ .idle = 100ms });
        saysAlways(Yes);
        put();
        QTRY_VERIFY(isAnswered());
        QCOMPARE(m_server->openPeers(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(m_server->openPeers(), 0, 3'000);
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(status(1), 200);
    }

    void connectionInUse_isNotTakenForIdle()
    {
        startWith({ .idle = 100ms });
        saysFromTheSecondOn(
            [](QTcpSocket &peer) { QTimer::singleShot(400, &peer, [&peer] { peer.write(Yes); }); });
        put();
        QTRY_VERIFY(isAnswered());
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(status(1), 200);
        QCOMPARE(m_server->asked.size(), 2U);
    }
};

QTEST_GUILESS_MAIN(TestKeptConnections)
#include "tst_keptconnections.moc"
