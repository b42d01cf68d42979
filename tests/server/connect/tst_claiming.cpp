// SPDX-License-Identifier: MPL-2.0
#include "core/message/messageid.h"
#include "core/storage/memorystorage.h"
#include "server/connect/clientsession.h"
#include "server/connect/connectservice.h"
#include "server/journal/journal.h"
#include "server/net/timers.h"
#include "server/net/transport.h"
#include "server/net/worker.h"
#include "server/routing/ratelimits.h"
#include "tests/server/connect/acks.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <atomic>
#include <deque>
#include <thread>
#include <utility>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const ChannelId Channel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");

const NodeId Here("http://127.0.0.1:1");

constexpr std::chrono::milliseconds SlowReaderTimeout { 200 };

/// Storage whose answer to a claim, or a register, waits until the test lets it go.
class SlowStorage final : public MemoryStorage
{
public:
    using MemoryStorage::MemoryStorage;
    void claimClient(Uaid uaid, Claim claim, Completion<std::optional<ClientRecord>> done) override
    {
        MemoryStorage::claimClient(
            uaid, std::move(claim), [this, done = std::move(done)](auto record) mutable {
                m_answers.clear(); // those to the connection before
                m_answers.push_back(
                    [record, done = std::move(done)]() mutable { done(std::move(record)); });
            });
    }
    void fetch(FetchRequest request, Completion<FetchPage> done) override
    {
        ++fetches;
        MemoryStorage::fetch(std::move(request), std::move(done));
    }
    void addChannel(Uaid uaid, Claim claim, ChannelId channel, QByteArray keyHash, int maxChannels,
                    Completion<void> done) override
    {
        if (keepsChannelsWaiting)
            done = [this, done = std::move(done)](Result<void> added) mutable {
                m_answers.push_back([added, done = std::move(done)]() mutable { done(added); });
            };
        MemoryStorage::addChannel(uaid, std::move(claim), channel, std::move(keyHash), maxChannels,
                                  std::move(done));
    }
    /// The oldest.
    void answer()
    {
        Task next = std::move(m_answers.front());
        m_answers.pop_front();
        next();
    }

    int fetches = 0;
    bool keepsChannelsWaiting = false;

private:
    std::deque<Task> m_answers;
};

/// A transport with one WebSocket, whose texts it keeps.
class OneClient final : public Transport, public WebSocketConnection
{
public:
    void open(ConnectService &service) { m_session = service.opened(*this, {}); }
    void close()
    {
        m_session->closed();
        m_session.reset();
    }
    void hear(const QByteArray &text) { m_session->textReceived(text); }

    // Transport
    Result<quint16, QString> listen(const Listener &) override { return quint16 { 1 }; }
    void stopListening() override { }
    void forEachSession(const std::function<void(WebSocketSession &)> &visit) override
    {
        visit(*m_session);
    }
    WebSocketSession *session(ConnectionId) override { return m_session.get(); }
    void readNow(ConnectionId) override
    {
        if (!isHeard)
            return;
        for (const QByteArray &text : std::exchange(unread, {}))
            hear(text);
    }
    [[nodiscard]] int openRequests() const override { return 0; }
    void answerAll(const HttpResponse &) override { }
    void respond(ConnectionId, std::uint32_t, HttpResponse) override { }

    // WebSocketConnection
    [[nodiscard]] ConnectionId id() const override { return {}; }
    void sendText(const QByteArray &text) override { sent.append(text); }
    void sendPing() override { }
    void close(int, QByteArrayView) override { isClosed = true; }
    void setReading(bool reads) override { isHeard = reads; }
    [[nodiscard]] std::uint64_t limitKey() const override { return 0; }
    [[nodiscard]] std::int64_t pendingBytes() const override { return pending; }
    /// Of a peer that has taken some more each time that somebody looks.
    [[nodiscard]] OutputProgress progress() const override
    {
        ++looks;
        taken += takesBetweenLooks;
        return { taken, pending };
    }

    void drain()
    {
        pending = 0;
        m_session->drained();
    }

    QByteArrayList sent;
    /// What the peer has sent and nobody has read yet.
    QByteArrayList unread;
    bool isClosed = false;
    bool isHeard = true;
    std::int64_t pending = 0;
    std::atomic<std::int64_t> takesBetweenLooks = 0;
    mutable std::int64_t taken = 1'000;
    mutable std::atomic<int> looks = 0;

private:
    std::unique_ptr<WebSocketSession> m_session;
};

} // namespace

/// What reaches a client between its hello and the answer to it: the claim tells what was stored
/// before that instant, and what is stored after it must not be missed. And what its previous
/// connection still has to say when a hello elsewhere ends it. And how much a client may ask at
/// once, and leave unread.
class TestClaiming : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void nothingStored_isNotReadFor();
    void storedBefore_isRead();
    void storedMeanwhile_isRead_data();
    void storedMeanwhile_isRead();
    void newClient_leaves_isReleased();
    void ghosted_acksThatHaveComeCount_data();
    void ghosted_acksThatHaveComeCount();
    void claimedElsewhere_whileItsOwnClaimIsOnItsWay_theNewerWins_data();
    void claimedElsewhere_whileItsOwnClaimIsOnItsWay_theNewerWins();
    void claimedElsewhere_untold_endsAtTheNextChange_data();
    void claimedElsewhere_untold_endsAtTheNextChange();
    void recordThatWasCleared_isClaimedAgain_andStorageRead();
    void recordOfAnEarlierConnection_changesNothing();
    void storedUntold_isRead_once();
    void acknowledged_storageFailed_isNotSentAgain();
    void changesWithoutEnd_areHeardAsTheyAreDone_data();
    void changesWithoutEnd_areHeardAsTheyAreDone();
    void pong_thatIsMissing_isForgivenWhileTheClientMayBeUnheard();
    void reader_thatIsBehind_isFedFromStorageWhenItHasReadAll();
    void reader_thatStaysBehind_isClosed();
    void reader_thatIsSlow_staysOpenWhileItGoesOn();
    void reader_thatIsBehind_isNotHeard();
    void reader_thatIsBehind_isNotHeard_norWhileItsChangesAreTooMany();
    void pong_thatIsMissing_isWaitedForWhileThePingIsOnItsWay();
    void early_moreThanIsKept_waitsWithTheClient_data();
    void early_moreThanIsKept_waitsWithTheClient();

private:
    [[nodiscard]] Notification message() const;
    void sayHello();
    void store();
    /// The client's record, shared with other processes, names this process.
    void share();
    [[nodiscard]] ClientRecord record();
    /// What the process finds when it looks.
    void review();
    /// Runs a task on the worker and then all that it has left there.
    void onWorker(Task task);
    [[nodiscard]] qsizetype notifications() const;
    [[nodiscard]] bool isClosed();

    ConnectSettings m_settings;
    const Fernet m_keys = *Fernet::fromKeys({ newFernetKey() });
    SystemClock m_clock;
    Metrics m_metrics;
    Journal m_journal { m_metrics };
    RateLimits m_rateLimits { m_clock, m_metrics };
    ClientRegistry m_registry;
    Uaid m_uaid;
    std::unique_ptr<SlowStorage> m_storage;
    std::unique_ptr<Worker> m_worker;
    std::unique_ptr<Timers> m_timers; // the worker's
    std::unique_ptr<OneClient> m_client;
    std::unique_ptr<ConnectService> m_service;
};

void TestClaiming::init()
{
    m_uaid = newUaid();
    m_storage = std::make_unique<SlowStorage>(m_clock);
    m_storage->addChannel(m_uaid, {}, Channel, {}, 10, [](const Result<void> &) {});
    m_worker = std::make_unique<Worker>(0);
    m_client = std::make_unique<OneClient>();
    m_settings.options.slowReaderTimeout = SlowReaderTimeout;
    m_service = std::make_unique<ConnectService>(
        ConnectService::Dependencies { *m_worker, *m_storage, m_registry, m_journal, m_clock,
                                       m_rateLimits },
        m_keys, m_settings);
    onWorker([this] {
        m_timers = std::make_unique<Timers>();
        m_service->setTransport(*m_client, *m_timers);
        sayHello();
    });
}

void TestClaiming::sayHello()
{
    m_client->open(*m_service);
    m_client->hear(R"({"messageType":"hello","use_webpush":true,"uaid":")" + toHex(m_uaid)
                   + R"("})");
}

void TestClaiming::cleanup()
{
    m_worker->stop([this] {
        m_client->close();
        m_timers.reset();
    });
    m_worker.reset();
}

Notification TestClaiming::message() const
{
    Notification made;
    made.uaid = m_uaid;
    made.channelId = Channel;
    made.ttl = 60s;
    made.accepted = m_clock.now();
    return made;
}

void TestClaiming::store()
{
    m_storage->store(message(), [](const Result<StoreOutcome> &outcome) { QVERIFY(outcome); });
}

void TestClaiming::onWorker(Task task)
{
    m_worker->runAndWait(std::move(task));
    // What it posted, and what that posted in turn: a claim's answer, a page, another page.
    for (int i = 0; i < 6; ++i)
        m_worker->runAndWait([] {});
}

qsizetype TestClaiming::notifications() const
{
    return std::ranges::count_if(
        m_client->sent, [](const QByteArray &text) { return text.contains("\"notification\""); });
}

bool TestClaiming::isClosed()
{
    bool closed = false;
    m_worker->runAndWait([&] { closed = m_client->isClosed; });
    return closed;
}

void TestClaiming::nothingStored_isNotReadFor()
{
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(m_client->sent.size(), 1);
    QVERIFY(m_client->sent.front().contains("\"hello\""));
    QCOMPARE(m_storage->fetches, 0);
}

void TestClaiming::storedBefore_isRead()
{
    onWorker([this] { m_client->close(); });
    store();
    onWorker([this] { sayHello(); });
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(notifications(), 1);
}

void TestClaiming::storedMeanwhile_isRead_data()
{
    QTest::addColumn<bool>("handedOver");
    QTest::newRow("told to look") << false;
    QTest::newRow("handed over") << true;
}

void TestClaiming::storedMeanwhile_isRead()
{
    QFETCH(bool, handedOver);
    store();
    bool taken = true;
    onWorker([&] {
        if (handedOver)
            m_service->handOver({}, { message() }, [&taken](bool was) { taken = was; });
        else
            m_service->checkStorage({}, m_uaid, SortKey {});
    });
    QCOMPARE(taken, !handedOver);
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(notifications(), 1);
}

void TestClaiming::newClient_leaves_isReleased()
{
    cleanup();
    m_settings.node = NodeId("http://127.0.0.1:1");
    m_settings.sharesRecords = true;
    init();
    m_settings = {};
    onWorker([this] { m_client->close(); });
    onWorker([this] {
        m_client->sent.clear();
        m_client->open(*m_service);
        m_client->hear(R"({"messageType":"hello","use_webpush":true})");
        m_client->hear(R"({"messageType":"register","channelID":")" + toDashed(Channel) + R"("})");
    });
    const QJsonObject hello = QJsonDocument::fromJson(m_client->sent.front()).object();
    const auto uaid = parseUaid(hello[u"uaid"_s].toString().toLatin1());
    QVERIFY(uaid);
    const auto node = [&] {
        std::optional<NodeId> found;
        m_storage->findClient(*uaid, [&](const Result<std::optional<ClientRecord>> &record) {
            if (record && *record)
                found = (*record)->node;
        });
        return found;
    };
    QCOMPARE(node(), NodeId("http://127.0.0.1:1"));
    onWorker([this] { m_client->close(); });
    const std::optional<NodeId> left = node();
    onWorker([this] { sayHello(); });
    QCOMPARE(left, NodeId());
}

void TestClaiming::ghosted_acksThatHaveComeCount_data()
{
    QTest::addColumn<bool>("isBehind");
    QTest::newRow("of a reader that keeps up") << false;
    QTest::newRow("of a reader that is behind and unheard") << true;
}

void TestClaiming::ghosted_acksThatHaveComeCount()
{
    QFETCH(const bool, isBehind);
    store();
    onWorker([this] { m_service->checkStorage({}, m_uaid, SortKey {}); });
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(notifications(), 1);
    m_client->unread.append(ackOf(m_client->sent.back()));
    if (isBehind) {
        onWorker([this] {
            m_client->pending = 300 * 1024;
            m_client->hear("{}");
        });
        QVERIFY(!m_client->isHeard);
    }
    std::optional<std::size_t> left;
    bool wasClosed = false;
    m_service->closeReplaced({}, m_uaid, [&] {
        wasClosed = m_client->isClosed;
        m_storage->fetch({ .uaid = m_uaid },
                         [&](const Result<FetchPage> &page) { left = page->messages.size(); });
    });
    onWorker([] {});
    QCOMPARE(left, std::optional<std::size_t>(0));
    QVERIFY(wasClosed);
}

void TestClaiming::share()
{
    cleanup();
    m_settings.node = Here;
    m_settings.sharesRecords = true;
    init();
    m_settings = {};
}

ClientRecord TestClaiming::record()
{
    ClientRecord found;
    m_storage->findClient(m_uaid, [&](const Result<std::optional<ClientRecord>> &record) {
        QVERIFY(record && *record);
        found = **record;
    });
    return found;
}

void TestClaiming::review()
{
    std::vector<ClientNews> news;
    m_storage->findNews(Here, { m_uaid },
                        [&](Result<std::vector<ClientNews>> found) { news = std::move(*found); });
    onWorker([&] {
        for (const ClientNews &each : news)
            m_service->review({}, each);
    });
}

void TestClaiming::claimedElsewhere_whileItsOwnClaimIsOnItsWay_theNewerWins_data()
{
    QTest::addColumn<int>("later"); // than our own claim
    QTest::addColumn<bool>("isEnded");
    QTest::newRow("before") << -1 << false;
    QTest::newRow("behind") << 1 << true;
}

void TestClaiming::claimedElsewhere_whileItsOwnClaimIsOnItsWay_theNewerWins()
{
    QFETCH(const int, later);
    QFETCH(const bool, isEnded);
    share();
    bool wasTold = false;
    m_service->closeOlder({}, m_uaid, record().connectedAt + later, [&] { wasTold = true; });
    onWorker([] {});
    QVERIFY(wasTold);
    QVERIFY(!m_client->isClosed);
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(m_client->isClosed, isEnded);
    QCOMPARE(m_client->sent.isEmpty(), isEnded);
}

void TestClaiming::claimedElsewhere_untold_endsAtTheNextChange_data()
{
    const QByteArray channel = toDashed(Channel);
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("register") << QByteArray(R"({"messageType":"register","channelID":")" + channel
                                            + R"("})");
    QTest::newRow("unregister") << QByteArray(R"({"messageType":"unregister","channelID":")"
                                              + channel + R"("})");
    QTest::newRow("ack") << QByteArray();
}

void TestClaiming::claimedElsewhere_untold_endsAtTheNextChange()
{
    QFETCH(const QByteArray, text);
    for (const bool isElsewhere : { false, true }) {
        share();
        store();
        onWorker([this] { m_storage->answer(); });
        review(); // which has the message sent
        QCOMPARE(notifications(), 1);
        const QByteArray change = text.isEmpty() ? ackOf(m_client->sent.back()) : text;
        if (isElsewhere)
            m_storage->MemoryStorage::claimClient(
                m_uaid, { .node = NodeId("http://elsewhere"), .userAgent = {} },
                [](const auto &claimed) { QVERIFY(claimed && *claimed); });
        m_storage->fetch({ .uaid = m_uaid }, [&](const Result<FetchPage> &page) {
            QVERIFY(page);
            for (const Notification &each : page->messages)
                m_storage->removeMessage(m_uaid, Channel, each.sortKey, [](const auto &) {});
        });
        onWorker([&] { m_client->hear(change); });
        QCOMPARE(m_client->isClosed, isElsewhere);
        QCOMPARE(record().node, isElsewhere ? NodeId("http://elsewhere") : Here);
    }
}

void TestClaiming::recordThatWasCleared_isClaimedAgain_andStorageRead()
{
    share();
    onWorker([this] { m_storage->answer(); });
    const std::int64_t reclaimed = m_metrics.value(Metric::ClientsReclaimed);
    const std::int64_t connectedAt = record().connectedAt;
    m_storage->releaseClient(m_uaid, connectedAt, [](const auto &done) { QVERIFY(done && *done); });
    review();
    QCOMPARE(record().node, Here);
    QCOMPARE(record().connectedAt, connectedAt);
    QCOMPARE(m_metrics.value(Metric::ClientsReclaimed), reclaimed + 1);
    m_storage->releaseClient(m_uaid, connectedAt, [](const auto &done) { QVERIFY(done && *done); });
    store();
    review();
    QCOMPARE(record().node, Here);
    QCOMPARE(notifications(), 1);
    QVERIFY(!m_client->isClosed);
}

void TestClaiming::recordOfAnEarlierConnection_changesNothing()
{
    share();
    onWorker([this] { m_storage->answer(); });
    const std::int64_t reclaimed = m_metrics.value(Metric::ClientsReclaimed);
    onWorker([this] {
        m_service->review({},
                          { .uaid = m_uaid,
                            .node = NodeId("http://elsewhere"),
                            .connectedAt = record().connectedAt - 1 });
    });
    QVERIFY(!m_client->isClosed);
    QCOMPARE(m_metrics.value(Metric::ClientsReclaimed), reclaimed);
}

/// By a process that has died before it could say so.
void TestClaiming::storedUntold_isRead_once()
{
    share();
    onWorker([this] { m_storage->answer(); });
    store();
    review();
    QCOMPARE(notifications(), 1);
    const int fetches = m_storage->fetches;
    review();
    QCOMPARE(m_storage->fetches, fetches);
    QCOMPARE(notifications(), 1);
}

/// Nothing comes twice on one connection, whatever makes it read storage from the start.
void TestClaiming::acknowledged_storageFailed_isNotSentAgain()
{
    store();
    onWorker([this] { m_service->checkStorage({}, m_uaid, SortKey {}); });
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(notifications(), 1);
    m_storage->setAvailable(false);
    onWorker([this] { m_client->hear(ackOf(m_client->sent.back())); });
    m_storage->setAvailable(true);
    onWorker([this] { m_service->checkStorage({}, m_uaid, SortKey {}); });
    QCOMPARE(notifications(), 1);
    onWorker([this] { m_client->close(); });
    onWorker([this] { sayHello(); });
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(notifications(), 2);
}

void TestClaiming::changesWithoutEnd_areHeardAsTheyAreDone_data()
{
    const QByteArray channel = toDashed(Channel);
    const QByteArray id =
        MessageIds(m_keys).make(Uaid(), Channel, {}, SortKey { 2 }).text(); // another's
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isChange");
    const auto row = [](const char *name, const QByteArray &verb, const QByteArray &members,
                        bool isChange) {
        QTest::newRow(name) << QByteArray(R"({"messageType":")" + verb + R"(",)" + members + '}')
                            << isChange;
    };
    row("register", "register", R"("channelID":")" + channel + '"', true);
    row("unregister", "unregister", R"("channelID":")" + channel + '"', true);
    row("ack of an earlier connection", "ack",
        R"("updates":[{"channelID":")" + channel + R"(","version":"MINE"}])", true);
    row("ack of another's message", "ack",
        R"("updates":[{"channelID":")" + channel + R"(","version":")" + id + R"("}])", false);
}

void TestClaiming::changesWithoutEnd_areHeardAsTheyAreDone()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isChange);
    const MessageIds ids(m_keys);
    text.replace("MINE", ids.make(m_uaid, Channel, {}, SortKey { 2 }).text());
    onWorker([this] { m_storage->answer(); });
    int heard = 0;
    onWorker([&] {
        for (; m_client->isHeard && heard < 1'000; ++heard)
            m_client->hear(text);
    });
    QCOMPARE(heard < 1'000, isChange);
    QVERIFY(m_client->isHeard); // they are done by now
    QVERIFY(!m_client->isClosed);
}

void TestClaiming::pong_thatIsMissing_isForgivenWhileTheClientMayBeUnheard()
{
    cleanup();
    m_settings.options.autoPingInterval = m_settings.options.autoPingTimeout = 50ms;
    init();
    m_settings = {};
    onWorker([this] { m_storage->answer(); });
    m_storage->keepsChannelsWaiting = true;
    onWorker([this] {
        m_client->hear(R"({"messageType":"register","channelID":")" + toDashed(Channel) + R"("})");
    });
    std::this_thread::sleep_for(500ms); // nothing is to happen meanwhile
    QVERIFY(!isClosed());
    onWorker([this] { m_storage->answer(); });
    QTRY_VERIFY(isClosed());
}

void TestClaiming::reader_thatIsBehind_isFedFromStorageWhenItHasReadAll()
{
    onWorker([this] { m_storage->answer(); });
    onWorker([this] {
        m_client->pending = 300 * 1024;
        m_client->hear("{}"); // whatever has an answer
        m_service->push(
            {}, message(), [](const auto &taken) { QVERIFY(taken); },
            [](auto, auto) { QFAIL("it is here"); });
    });
    QCOMPARE(notifications(), 0);
    onWorker([this] { m_client->drain(); });
    QCOMPARE(notifications(), 1);
    std::this_thread::sleep_for(2 * SlowReaderTimeout); // nothing is to happen meanwhile
    onWorker([] {});
    QVERIFY(!m_client->isClosed);
}

void TestClaiming::reader_thatStaysBehind_isClosed()
{
    onWorker([this] { m_storage->answer(); });
    onWorker([this] {
        m_client->pending = 300 * 1024;
        m_client->hear("{}");
        QVERIFY(!m_client->isClosed);
    });
    QTRY_VERIFY(isClosed());
}

void TestClaiming::reader_thatIsSlow_staysOpenWhileItGoesOn()
{
    onWorker([this] { m_storage->answer(); });
    m_client->takesBetweenLooks = 1;
    onWorker([this] {
        m_client->pending = 300 * 1024;
        m_client->hear("{}");
    });
    QTRY_VERIFY(m_client->looks >= 4);
    QVERIFY(!isClosed());
    m_client->takesBetweenLooks = 0;
    QTRY_VERIFY(isClosed());
}

/// Else what it asks for and does not read piles up here.
void TestClaiming::reader_thatIsBehind_isNotHeard()
{
    onWorker([this] { m_storage->answer(); });
    onWorker([this] {
        QVERIFY(m_client->isHeard);
        m_client->pending = 300 * 1024;
        m_client->hear("{}");
    });
    QVERIFY(!m_client->isHeard);
    onWorker([this] { m_client->drain(); });
    QVERIFY(m_client->isHeard);
}

void TestClaiming::reader_thatIsBehind_isNotHeard_norWhileItsChangesAreTooMany()
{
    onWorker([this] { m_storage->answer(); });
    m_storage->keepsChannelsWaiting = true;
    const QByteArray text =
        R"({"messageType":"register","channelID":")" + toDashed(Channel) + R"("})";
    int asked = 0;
    onWorker([&] {
        m_client->pending = 300 * 1024;
        m_client->hear("{}");
        for (; asked < 64; ++asked) // has come already
            m_client->hear(text);
    });
    onWorker([this] { m_client->drain(); });
    QVERIFY(!m_client->isHeard);
    onWorker([this] { m_client->pending = 300 * 1024; });
    for (; asked > 0; --asked)
        onWorker([this] { m_storage->answer(); });
    QVERIFY(!m_client->isHeard);
    onWorker([this] { m_client->drain(); });
    QVERIFY(m_client->isHeard);
}

/// It is behind what the client is still reading.
void TestClaiming::pong_thatIsMissing_isWaitedForWhileThePingIsOnItsWay()
{
    cleanup();
    m_settings.options.autoPingInterval = m_settings.options.autoPingTimeout = 50ms;
    init();
    m_settings = {};
    m_client->takesBetweenLooks = 1;
    m_client->pending = 100 * 1024;
    onWorker([this] { m_storage->answer(); });
    QTRY_VERIFY(m_client->looks >= 4);
    QVERIFY(!isClosed());
    onWorker([this] { m_client->pending = 0; });
    QTRY_VERIFY(isClosed());
}

void TestClaiming::early_moreThanIsKept_waitsWithTheClient_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("kept");
    QTest::newRow("many") << 100 << 64;
    QTest::newRow("large") << 8'000 << 3;
}

void TestClaiming::early_moreThanIsKept_waitsWithTheClient()
{
    QFETCH(const int, size);
    QFETCH(const int, kept);
    const QByteArray text =
        (R"({"messageType":"unregister","channelID":")" + toDashed(Channel) + R"("})")
            .leftJustified(size);
    int heard = 0;
    onWorker([&] {
        for (; m_client->isHeard && heard < 1'000; ++heard)
            m_client->hear(text);
    });
    QCOMPARE(heard, kept);
    QVERIFY(!m_client->isClosed);
    onWorker([this] { m_storage->answer(); });
    QCOMPARE(m_client->sent.size(), 1 + kept); // the answers to all
    QVERIFY(m_client->isHeard);
}

QTEST_GUILESS_MAIN(TestClaiming)
#include "tst_claiming.moc"
