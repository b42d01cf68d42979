// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorystorage.h"
#include "server/connect/connectservice.h"
#include "server/journal/journal.h"
#include "server/net/timers.h"
#include "server/net/transport.h"
#include "server/net/worker.h"
#include "server/routing/ratelimits.h"
#include "tests/server/connect/acks.h"

#include <QTest>

#include <map>
#include <semaphore>
#include <utility>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const ChannelId Channel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");

class Peer final : public WebSocketConnection
{
public:
    explicit Peer(ConnectionId id) : m_id(id) { }
    [[nodiscard]] ConnectionId id() const override { return m_id; }
    void sendText(const QByteArray &text) override { sent.append(text); }
    void sendPing() override { }
    void close(int, QByteArrayView) override { isClosed = true; }
    void setReading(bool) override { }
    [[nodiscard]] std::uint64_t limitKey() const override { return 0; }
    [[nodiscard]] std::int64_t pendingBytes() const override { return 0; }
    [[nodiscard]] OutputProgress progress() const override { return {}; }

    std::unique_ptr<WebSocketSession> session;
    QByteArrayList sent;
    /// What it has sent and nobody has read yet.
    QByteArrayList unread;
    bool isClosed = false;

private:
    ConnectionId m_id;
};

/// A worker with its clients, whose texts are kept.
class Station final : public Transport
{
public:
    Station(int index, Storage &storage, ClientRegistry &registry, Journal &journal,
            const Clock &clock, RateLimits &rateLimits, const Fernet &keys)
        : worker(index),
          m_service({ worker, storage, registry, journal, clock, rateLimits }, keys, {})
    {
        worker.runAndWait([this] {
            m_timers = std::make_unique<Timers>();
            m_service.setTransport(*this, *m_timers);
        });
    }
    void stop()
    {
        worker.stop([this] {
            m_peers.clear();
            m_timers.reset();
        });
    }

    Peer &hello(const Uaid &uaid)
    {
        const ConnectionId id { 0, ++m_last };
        const auto [place, isNew] = m_peers.emplace(m_last, std::make_unique<Peer>(id));
        Peer &peer = *place->second;
        worker.runAndWait([&] {
            peer.session = m_service.opened(peer, {});
            peer.session->textReceived(R"({"messageType":"hello","use_webpush":true,"uaid":")"
                                       + toHex(uaid) + R"("})");
        });
        return peer;
    }
    void leave(Peer &peer)
    {
        worker.runAndWait([&] {
            peer.session->closed();
            peer.session.reset();
        });
    }

    // Transport
    Result<quint16, QString> listen(const Listener &) override { return quint16 { 1 }; }
    void stopListening() override { }
    void forEachSession(const std::function<void(WebSocketSession &)> &) override { }
    WebSocketSession *session(ConnectionId connection) override
    {
        const auto found = m_peers.find(connection.generation);
        return found == m_peers.end() ? nullptr : found->second->session.get();
    }
    void readNow(ConnectionId connection) override
    {
        Peer &peer = *m_peers.at(connection.generation);
        for (const QByteArray &text : std::exchange(peer.unread, {}))
            peer.session->textReceived(text);
    }
    [[nodiscard]] int openRequests() const override { return 0; }
    void answerAll(const HttpResponse &) override { }
    void respond(ConnectionId, std::uint32_t, HttpResponse) override { }

    [[nodiscard]] ConnectService &service() { return m_service; }

    Worker worker;

private:
    ConnectService m_service;
    std::unique_ptr<Timers> m_timers; // the worker's
    std::map<std::uint32_t, std::unique_ptr<Peer>> m_peers; // by generation
    std::uint32_t m_last = 0;
};

} // namespace

/// Connections of one client that follow each other faster than the worker of the first can tell
/// what it leaves behind: none reads storage before that is there.
class TestSuccession : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void thirdHello_waitsForTheFirstConnection_data();
    void thirdHello_waitsForTheFirstConnection();
    void secondHello_leftMeanwhile_isForgotten();
    void hellosWithoutEnd_areSentAway();
    void userAgents_areShared_cutAndNotRememberedWithoutEnd();

private:
    /// Until the first worker goes on.
    void holdFirst();
    /// Runs what waits on the workers, and what that leaves there in turn.
    void settle(std::size_t from);

    const Fernet m_keys = *Fernet::fromKeys({ newFernetKey() });
    SystemClock m_clock;
    Metrics m_metrics;
    Journal m_journal { m_metrics };
    RateLimits m_rateLimits { m_clock, m_metrics };
    ClientRegistry m_registry;
    Uaid m_uaid;
    std::unique_ptr<MemoryStorage> m_storage;
    std::vector<std::unique_ptr<Station>> m_stations;
    std::binary_semaphore m_firstGoesOn { 0 };
};

void TestSuccession::init()
{
    m_uaid = newUaid();
    m_storage = std::make_unique<MemoryStorage>(m_clock);
    m_storage->addChannel(m_uaid, {}, Channel, {}, 10, [](const Result<void> &) {});
    Notification message;
    message.uaid = m_uaid;
    message.channelId = Channel;
    message.ttl = 60s;
    message.accepted = m_clock.now();
    m_storage->store(message, [](const Result<StoreOutcome> &outcome) { QVERIFY(outcome); });
    for (int i = 0; i < 3; ++i) {
        m_stations.push_back(std::make_unique<Station>(i, *m_storage, m_registry, m_journal,
                                                       m_clock, m_rateLimits, m_keys));
    }
}

void TestSuccession::cleanup()
{
    for (const auto &station : m_stations)
        station->stop();
    m_stations.clear();
    m_storage.reset();
    QCOMPARE(m_registry.size(), 0);
}

void TestSuccession::holdFirst()
{
    m_stations.front()->worker.post([this] { m_firstGoesOn.acquire(); });
}

void TestSuccession::settle(std::size_t from)
{
    for (int round = 0; round < 6; ++round) {
        for (std::size_t i = from; i < m_stations.size(); ++i)
            m_stations[i]->worker.runAndWait([] {});
    }
}

void TestSuccession::thirdHello_waitsForTheFirstConnection_data()
{
    QTest::addColumn<bool>("secondLeaves");
    QTest::newRow("the second is replaced") << false;
    QTest::newRow("the second leaves") << true;
}

void TestSuccession::thirdHello_waitsForTheFirstConnection()
{
    QFETCH(const bool, secondLeaves);
    Peer &first = m_stations[0]->hello(m_uaid);
    settle(0);
    QCOMPARE(first.sent.size(), 2); // the answer and the message
    first.unread.append(ackOf(first.sent.back()));

    holdFirst();
    Peer &second = m_stations[1]->hello(m_uaid);
    settle(1);
    if (secondLeaves)
        m_stations[1]->leave(second);
    Peer &third = m_stations[2]->hello(m_uaid);
    settle(1);
    const qsizetype early = third.sent.size();
    m_firstGoesOn.release();
    settle(0);

    QCOMPARE(early, 0);
    QVERIFY(first.isClosed);
    QVERIFY(second.sent.isEmpty());
    QCOMPARE(second.isClosed, !secondLeaves);
    QCOMPARE(third.sent.size(), 1); // what was acknowledged does not come again
    m_stations[2]->leave(third);
}

void TestSuccession::secondHello_leftMeanwhile_isForgotten()
{
    Peer &first = m_stations[0]->hello(m_uaid);
    settle(0);
    holdFirst();
    Peer &second = m_stations[1]->hello(m_uaid);
    m_stations[1]->leave(second);
    m_firstGoesOn.release();
    settle(0);
    QVERIFY(first.isClosed);
    QVERIFY(!m_registry.find(m_uaid));
}

/// As many as wait for a worker that stands still.
void TestSuccession::hellosWithoutEnd_areSentAway()
{
    static_cast<void>(m_stations[0]->hello(m_uaid));
    settle(0);
    holdFirst();
    int waiting = 0;
    for (bool isClosed = false; !isClosed && waiting < 20'000; ++waiting) {
        Peer &next = m_stations[1]->hello(m_uaid);
        isClosed = next.isClosed;
        m_stations[1]->leave(next);
    }
    m_firstGoesOn.release();
    QTRY_VERIFY(!m_registry.find(m_uaid)); // one after another they are all gone
    QCOMPARE(waiting, 4'097);
    Peer &later = m_stations[2]->hello(m_uaid);
    settle(0);
    QVERIFY(!later.isClosed);
    QCOMPARE(later.sent.size(), 2); // the answer and the message
    m_stations[2]->leave(later);
}

void TestSuccession::userAgents_areShared_cutAndNotRememberedWithoutEnd()
{
    ConnectService &service = m_stations.front()->service();
    const QByteArray first = service.interned("first");
    QCOMPARE(service.interned("first").constData(), first.constData());
    QCOMPARE(service.interned(QByteArray(1'000, 'x')).size(), 256);
    // What strangers make up pushes it out.
    for (int i = 0; i < 256; ++i)
        static_cast<void>(service.interned("made up " + QByteArray::number(i)));
    QVERIFY(service.interned("first").constData() != first.constData());
    QCOMPARE(service.interned("first"), first);
}

QTEST_GUILESS_MAIN(TestSuccession)
#include "tst_succession.moc"
