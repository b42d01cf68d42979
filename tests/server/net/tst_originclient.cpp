// SPDX-License-Identifier: MPL-2.0
#include "server/net/originclient.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

const QByteArray Yes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";

/// A server that hears requests and says what the test tells it.
class RawServer
{
public:
    struct Asked
    {
        QTcpSocket *peer = nullptr;
        QByteArray path;
    };

    RawServer()
    {
        if (!server.listen(QHostAddress(QHostAddress::LocalHost)))
            qFatal("no port");
        QObject::connect(&server, &QTcpServer::newConnection, &server, [this] {
            QTcpSocket *const peer = server.nextPendingConnection();
            peers.append(peer);
            if (!isDeaf)
                QObject::connect(peer, &QIODevice::readyRead, peer, [this, peer] { read(*peer); });
            else
                peer->setReadBufferSize(1);
        });
    }
    [[nodiscard]] QByteArray origin(const QByteArray &host = "127.0.0.1") const
    {
        return "http://" + host + ':' + QByteArray::number(server.serverPort());
    }
    [[nodiscard]] qsizetype openPeers() const
    {
        return std::ranges::count(peers, QAbstractSocket::ConnectedState, &QTcpSocket::state);
    }

    QTcpServer server;
    QList<QTcpSocket *> peers; // children of the server
    std::vector<Asked> asked;
    std::function<void(const Asked &)> answer; // absent: silence
    QByteArray heard;
    bool isDeaf = false;

private:
    void read(QTcpSocket &peer)
    {
        QByteArray &bytes = m_bytes[&peer];
        const QByteArray more = peer.readAll();
        heard += more;
        bytes += more;
        const qsizetype head = bytes.indexOf("\r\n\r\n") + 4;
        const qsizetype length = bytes.indexOf("Content-Length: ");
        if (head < 4
            || bytes.size() < head
                    + bytes.sliced(length + 16, bytes.indexOf("\r", length) - length - 16).toInt())
            return;
        asked.push_back({ &peer, bytes.split(' ').value(1) });
        bytes.clear();
        if (answer)
            answer(Asked(asked.back()));
    }

    QHash<QTcpSocket *, QByteArray> m_bytes;
};

} // namespace

class TestOriginClient : public QObject
{
    Q_OBJECT

    using Outcome = std::optional<Result<HttpClientResponse>>;

    std::unique_ptr<RawServer> m_server;
    std::unique_ptr<OriginClient> m_client;
    std::vector<Outcome> m_outcomes;

    void put(const QByteArray &body = "x", std::chrono::milliseconds timeout = 20s)
    {
        putTo(m_server->origin(), body, timeout);
    }
    void putTo(const QByteArray &origin, const QByteArray &body = "x",
               std::chrono::milliseconds timeout = 20s)
    {
        const std::size_t i = m_outcomes.size();
        m_outcomes.emplace_back();
        m_client->put(origin, '/' + QByteArray::number(i), { { "x-one", "1" } }, body, timeout,
                      [this, i](Result<HttpClientResponse> result) {
                          QVERIFY2(!m_outcomes[i], "answered twice");
                          m_outcomes[i] = std::move(result);
                      });
        QVERIFY2(!m_outcomes[i], "answered inside put()");
    }
    [[nodiscard]] bool isAnswered(std::size_t i = 0) const { return m_outcomes[i].has_value(); }
    [[nodiscard]] bool areAllAnswered() const
    {
        return std::ranges::all_of(m_outcomes, &Outcome::has_value);
    }
    [[nodiscard]] int status(std::size_t i = 0) const
    {
        return m_outcomes[i] && *m_outcomes[i] ? (*m_outcomes[i])->status : 0;
    }
    [[nodiscard]] std::optional<ErrorCode> error(std::size_t i = 0) const
    {
        return m_outcomes[i] && !*m_outcomes[i] ? std::optional((*m_outcomes[i]).error())
                                                : std::nullopt;
    }
    void saysAlways(const QByteArray &answer)
    {
        m_server->answer = [answer](const RawServer::Asked &asked) { asked.peer->write(answer); };
    }
    /// The first answer as it should be, then this.
    void saysFromTheSecondOn(std::function<void(QTcpSocket &)> then)
    {
        m_server->answer = [this, then = std::move(then)](const RawServer::Asked &asked) {
            if (m_server->asked.size() == 1)
                asked.peer->write(Yes);
            else
                then(*asked.peer);
        };
    }

private Q_SLOTS:
    void init()
    {
        m_outcomes.clear();
        m_server = std::make_unique<RawServer>();
        m_client = std::make_unique<OriginClient>();
    }
    void cleanup()
    {
        m_client.reset();
        m_server.reset();
    }

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

    void keptConnectionThatTheServerEnded_isNotUsed()
    {
        saysAlways(Yes);
        put();
        QTRY_VERIFY(isAnswered());
        m_server->peers[0]->disconnectFromHost();
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

    void serverThatIsNotThere_isTryAgainLater()
    {
        const QByteArray origin = m_server->origin();
        m_server->server.close();
        putTo(origin);
        QTRY_VERIFY(isAnswered());
        QCOMPARE(error(), ErrorCode::TryAgainLater);
    }

    void name_isLookedUp_andEachOfItsAddressesTried()
    {
        saysAlways(Yes);
        putTo(m_server->origin("localhost")); // ::1 may come first, where nobody listens
        QTRY_VERIFY(isAnswered());
        QCOMPARE(status(), 200);
        QVERIFY(m_server->heard.contains("\r\nHost: localhost:"));
    }

    void nameOfNobody_isTryAgainLater()
    {
        putTo("http://nobody.invalid:8080", "x", 60s);
        QTRY_VERIFY_WITH_TIMEOUT(isAnswered(), 50'000);
        QCOMPARE(error(), ErrorCode::TryAgainLater);
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

    void requestsBeyondTheBound_waitForTheirTurn()
    {
        m_client = std::make_unique<OriginClient>(OriginClient::Limits { .connections = 3 });
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

    void placeOfALostConnection_isGivenToTheNext()
    {
        m_client = std::make_unique<OriginClient>(OriginClient::Limits { .connections = 1 });
        m_server->answer = [this](const RawServer::Asked &asked) {
            if (m_server->asked.size() == 1)
                asked.peer->abort();
            else
                asked.peer->write(Yes);
        };
        put();
        put();
        QTRY_VERIFY(areAllAnswered());
        QCOMPARE(error(0), ErrorCode::TryAgainLater);
        QCOMPARE(status(1), 200);
    }

    void requestThatWaits_timesOutToo_andIsNeverSent()
    {
        m_client = std::make_unique<OriginClient>(OriginClient::Limits { .connections = 1 });
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

    void longRequest_arrivesWhole()
    {
        saysAlways(Yes);
        const QByteArray body(6'000'000, 'b');
        put(body);
        QTRY_VERIFY(isAnswered());
        QCOMPARE(status(), 200);
        QVERIFY(m_server->heard.endsWith("\r\n\r\n" + body));
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
        m_client = std::make_unique<OriginClient>(OriginClient::Limits { .idle = 100ms });
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
        m_client = std::make_unique<OriginClient>(OriginClient::Limits { .idle = 100ms });
        saysFromTheSecondOn(
            [](QTcpSocket &peer) { QTimer::singleShot(400, &peer, [&peer] { peer.write(Yes); }); });
        put();
        QTRY_VERIFY(isAnswered());
        put();
        QTRY_VERIFY(isAnswered(1));
        QCOMPARE(status(1), 200);
        QCOMPARE(m_server->asked.size(), 2U);
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
        m_client = std::make_unique<OriginClient>(OriginClient::Limits { .connections = 1 });
        put();
        put();
        putTo(m_server->origin("localhost"));
        QTRY_VERIFY(!m_server->asked.empty());
        putTo("http://nobody.invalid:8080");
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

QTEST_GUILESS_MAIN(TestOriginClient)
#include "tst_originclient.moc"
