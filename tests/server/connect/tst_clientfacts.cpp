// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorystorage.h"
#include "server/connect/clientsession.h"
#include "server/connect/connectservice.h"
#include "server/journal/journal.h"
#include "server/net/timers.h"
#include "server/net/transport.h"
#include "server/net/worker.h"
#include "server/routing/ratelimits.h"
#include "tests/server/connect/acks.h"
#include "tests/support/recordinglistener.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace std::chrono_literals;

namespace {

const ChannelId SomeChannel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");
const ConnectionId SomeConnection { 3, 5 };

QByteArray idOf(const QByteArray &notification)
{
    return QJsonDocument::fromJson(notification)
        .object()[QLatin1String("version")]
        .toString()
        .toLatin1();
}

/// A transport with one client, whose texts it keeps.
class LoneClient final : public Transport, public WebSocketConnection
{
public:
    void open(ConnectService &service)
    {
        HttpRequest head;
        head.peer = "192.0.2.1";
        head.headers.add("user-agent", "agent");
        m_session = service.opened(*this, head);
    }
    void say(const QByteArray &text) { m_session->textReceived(text); }
    void leave()
    {
        if (!m_session)
            return;
        m_session->closed();
        m_session.reset();
    }

    // Transport
    Result<quint16, QString> listen(const Listener &) override { return quint16 { 1 }; }
    void stopListening() override { }
    void forEachSession(const std::function<void(WebSocketSession &)> &) override { }
    WebSocketSession *session(ConnectionId) override { return m_session.get(); }
    void readNow(ConnectionId) override { }
    [[nodiscard]] int openRequests() const override { return 0; }
    void answerAll(const HttpResponse &) override { }
    void respond(ConnectionId, std::uint32_t, HttpResponse) override { }

    // WebSocketConnection
    [[nodiscard]] ConnectionId id() const override { return SomeConnection; }
    void sendText(const QByteArray &text) override { texts.append(text); }
    void sendPing() override { }
    void close(int, QByteArrayView) override { }
    void setReading(bool) override { }
    [[nodiscard]] std::uint64_t limitKey() const override { return 0; }
    [[nodiscard]] std::int64_t pendingBytes() const override { return 0; }
    [[nodiscard]] OutputProgress progress() const override { return {}; }

    QByteArrayList texts;

private:
    std::unique_ptr<WebSocketSession> m_session;
};

} // namespace

/// What the journal is told of a client, from its connection's beginning to its end.
class TestClientFacts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void push_liveClient_isSentThenAcknowledged();
    void push_notAcknowledgedInTime_isStoredUnderTheKeyItWasSentWith();
    void push_storageFails_isNotStored();
    void push_behindOthers_isStoredThenSentFromStorage();
    void storedMessage_isRetrievedThenSent_thenRefused();
    void handedOver_isSent_onceOnly();
    void ttlZero_clientWantsOnlyUrgentOnes_isDropped();
    void ttlZero_withTopic_replacesTheStoredOne();
    void topic_acknowledgedBeforeItsWrite_replacesTheStoredOne();
    void newClient_registersAndUnregisters();
    void clientThatLeaves_returnsWhatWasNotAcknowledged();
    void strangerThatLeaves_hasNoUaid();
    void closedByTheServer_saysWhy_once();

private:
    [[nodiscard]] Notification message(std::chrono::seconds ttl = 60s) const;
    void store(const Notification &what);
    void hello(const QByteArray &more = {});
    void say(const QByteArray &text);
    void push(const Notification &what);
    /// Runs a task on the worker and then all that it has left there.
    void onWorker(Task task);
    /// What was recorded since this was last called.
    [[nodiscard]] QByteArrayList names();

    ConnectSettings m_settings;
    const Fernet m_keys = *Fernet::fromKeys({ newFernetKey() });
    SystemClock m_clock;
    Uaid m_uaid;
    RecordingListener m_listener;
    std::vector<RecordedFact> m_facts;
    Metrics m_metrics;
    std::unique_ptr<Journal> m_journal;
    RateLimits m_rateLimits { m_clock, m_metrics };
    ClientRegistry m_registry;
    std::unique_ptr<MemoryStorage> m_storage;
    std::unique_ptr<Worker> m_worker;
    std::unique_ptr<Timers> m_timers; // the worker's
    std::unique_ptr<LoneClient> m_client;
    std::unique_ptr<ConnectService> m_service;
};

void TestClientFacts::init()
{
    m_uaid = newUaid();
    m_journal = std::make_unique<Journal>(m_metrics);
    m_journal->addListener(m_listener);
    MemoryOptions options;
    options.waitForAck = true;
    m_storage = std::make_unique<MemoryStorage>(m_clock, options);
    m_storage->addChannel(m_uaid, {}, SomeChannel, {}, 10, [](const Result<void> &) {});
    m_worker = std::make_unique<Worker>(7);
    m_client = std::make_unique<LoneClient>();
    m_service = std::make_unique<ConnectService>(
        ConnectService::Dependencies { *m_worker, *m_storage, m_registry, *m_journal, m_clock,
                                       m_rateLimits },
        m_keys, m_settings);
    onWorker([this] {
        m_timers = std::make_unique<Timers>();
        m_service->setTransport(*m_client, *m_timers);
    });
    static_cast<void>(m_listener.take());
}

void TestClientFacts::cleanup()
{
    m_worker->stop([this] {
        m_client->leave();
        m_timers.reset();
    });
    m_worker.reset();
    m_storage.reset();
}

Notification TestClientFacts::message(std::chrono::seconds ttl) const
{
    Notification made;
    made.uaid = m_uaid;
    made.channelId = SomeChannel;
    made.ttl = ttl;
    made.accepted = m_clock.now();
    made.senderKeyHash = "sender";
    return made;
}

void TestClientFacts::store(const Notification &what)
{
    m_storage->store(what, [](const Result<StoreOutcome> &outcome) { QVERIFY(outcome); });
}

void TestClientFacts::hello(const QByteArray &more)
{
    onWorker([&] { m_client->open(*m_service); });
    say(R"({"messageType":"hello","use_webpush":true,"uaid":")" + toHex(m_uaid) + '"' + more + '}');
}

void TestClientFacts::say(const QByteArray &text)
{
    onWorker([&] { m_client->say(text); });
}

void TestClientFacts::push(const Notification &what)
{
    onWorker([&] { m_service->push(SomeConnection, what, [](const Result<TakenPush> &) {}, {}); });
}

void TestClientFacts::onWorker(Task task)
{
    m_worker->runAndWait(std::move(task));
    // What it posted, and what that posted in turn.
    for (int i = 0; i < 6; ++i)
        m_worker->runAndWait([] {});
}

QByteArrayList TestClientFacts::names()
{
    m_facts = m_listener.take();
    return namesOf(m_facts);
}

void TestClientFacts::push_liveClient_isSentThenAcknowledged()
{
    hello();
    QCOMPARE(names(), (QByteArrayList { "ConnectionOpened", "ClientGreeted known" }));
    const ConnectionName connection { 7, SomeConnection.slot, SomeConnection.generation };
    QCOMPARE(m_facts[0].connection, connection);
    QCOMPARE(m_facts[1].connection, connection);
    QCOMPARE(m_facts[1].uaid, std::optional(m_uaid));
    QCOMPARE(m_facts[1].userAgent, "agent");

    push(message());
    QCOMPARE(names(), QByteArrayList { "MessageSent Direct" });
    const RecordedFact sent = m_facts.front();
    QCOMPARE(sent.uaid, std::optional(m_uaid));
    QCOMPARE(sent.channelId, std::optional(SomeChannel));
    QCOMPARE(sent.senderKeyHash, "sender");
    QVERIFY(*sent.sortKey != SortKey {});
    QCOMPARE(sent.id, idOf(m_client->texts.back()));

    say(ackOf(m_client->texts.back()));
    QCOMPARE(names(), QByteArrayList { "MessageAcknowledged 0" }); // and nothing was stored
    QCOMPARE(m_facts.front().uaid, std::optional(m_uaid));
    QCOMPARE(m_facts.front().channelId, std::optional(SomeChannel));
    QCOMPARE(m_facts.front().id, sent.id);
    QCOMPARE(m_facts.front().sortKey, sent.sortKey);
    say(ackOf(m_client->texts.back())); // again: as of a message of an earlier connection
    QCOMPARE(names(), QByteArrayList { "MessageAcknowledged 0" });
    QCOMPARE(m_facts.front().sortKey, sent.sortKey);

    onWorker([this] { m_client->leave(); });
    QCOMPARE(names(), (QByteArrayList { "ClientLeft", "ConnectionClosed" }));
    QCOMPARE(m_facts[0].uaid, std::optional(m_uaid));
    QCOMPARE(m_facts[0].connection, connection);
    QCOMPARE(m_facts[1].connection, connection);
}

void TestClientFacts::push_notAcknowledgedInTime_isStoredUnderTheKeyItWasSentWith()
{
    hello();
    push(message());
    QCOMPARE(names().last(), "MessageSent Direct");
    const SortKey key = *m_facts.back().sortKey;
    m_storage->endWait(m_uaid);
    onWorker([] {});
    QCOMPARE(names(), QByteArrayList { "MessageStored" });
    QCOMPARE(m_facts.front().sortKey, std::optional(key));
    QCOMPARE(m_facts.front().uaid, std::optional(m_uaid));
    QCOMPARE(m_facts.front().senderKeyHash, "sender");
}

void TestClientFacts::push_storageFails_isNotStored()
{
    hello();
    m_storage->setAvailable(false);
    push(message());
    m_storage->endWait(m_uaid);
    onWorker([] {});
    QVERIFY(!names().contains("MessageStored"));
}

void TestClientFacts::push_behindOthers_isStoredThenSentFromStorage()
{
    cleanup();
    m_settings.client.window = 1;
    init();
    m_settings = {};
    hello();
    push(message());
    QCOMPARE(names().last(), "MessageSent Direct");
    push(message());
    // The first one too: what is stored after it does not wait for its ack.
    QCOMPARE(names(), (QByteArrayList { "MessageStored", "MessageStored" }));
    const RecordedFact stored = m_facts.back();
    QCOMPARE(stored.uaid, std::optional(m_uaid));
    QCOMPARE(stored.channelId, std::optional(SomeChannel));
    say(ackOf(m_client->texts.back()));
    QCOMPARE(
        names().mid(0, 3),
        (QByteArrayList { "MessageAcknowledged 0", "MessagesRetrieved 1", "MessageSent Storage" }));
    QCOMPARE(m_facts[2].sortKey, stored.sortKey);
}

void TestClientFacts::storedMessage_isRetrievedThenSent_thenRefused()
{
    store(message());
    store(message());
    hello();
    QByteArrayList all = names();
    all.removeAll("MessagesRetrieved 0"); // reads that find the end
    QCOMPARE(all,
             (QByteArrayList { "ConnectionOpened", "ClientGreeted known", "MessagesRetrieved 2",
                               "MessageSent Storage", "MessageSent Storage" }));
    std::vector<RecordedFact> sent;
    for (const RecordedFact &fact : m_facts) {
        if (fact.what == "MessageSent Storage")
            sent.push_back(fact);
    }
    QVERIFY(*sent[0].sortKey < *sent[1].sortKey);
    QCOMPARE(m_client->texts.size(), 3);
    QCOMPARE(sent[0].id, idOf(m_client->texts[1]));
    QCOMPARE(sent[1].id, idOf(m_client->texts[2]));
    say(R"({"messageType":"nack","code":302,"version":")" + sent[0].id + R"("})");
    QCOMPARE(names(), (QByteArrayList { "MessageRefused 302", "MessageReturned Stored" }));
    QCOMPARE(m_facts.back().sortKey, sent[0].sortKey);
    QCOMPARE(m_facts.front().id, sent[0].id);
    QCOMPARE(m_facts.front().sortKey, sent[0].sortKey);
    QCOMPARE(m_facts.front().channelId, std::optional(SomeChannel));
    say(R"({"messageType":"nack","code":302,"version":"unknown"})");
    QCOMPARE(names(), QByteArrayList { "MessageRefused 302" });
    QVERIFY(!m_facts.front().sortKey && !m_facts.front().channelId);
}

void TestClientFacts::handedOver_isSent_onceOnly()
{
    hello();
    static_cast<void>(names());
    Notification handed = message();
    handed.sortKey = SortKey { 1'000 };
    for (int i = 0; i < 2; ++i)
        onWorker([&] { m_service->handOver(SomeConnection, { handed }, [](bool) {}); });
    QCOMPARE(names(), QByteArrayList { "MessageSent OtherNode" });
    QCOMPARE(m_facts.front().sortKey, std::optional(handed.sortKey));
    QCOMPARE(m_facts.front().id, idOf(m_client->texts.back()));
}

void TestClientFacts::ttlZero_clientWantsOnlyUrgentOnes_isDropped()
{
    hello(R"(,"urgency":"high")");
    static_cast<void>(names());
    push(message(0s));
    QCOMPARE(names(), QByteArrayList { "MessageDropped" });
    QCOMPARE(m_facts.front().uaid, std::optional(m_uaid));
    QVERIFY(*m_facts.front().sortKey != SortKey {});
}

void TestClientFacts::ttlZero_withTopic_replacesTheStoredOne()
{
    Notification stored = message();
    stored.topic = "topic";
    store(stored);
    hello();
    static_cast<void>(names());
    Notification brief = message(0s);
    brief.topic = "topic";
    push(brief);
    QCOMPARE(names(), (QByteArrayList { "MessageSent Direct", "MessageReplaced" }));
    push(brief); // nothing is left to replace
    QCOMPARE(names(), QByteArrayList { "MessageSent Direct" });
}

void TestClientFacts::topic_acknowledgedBeforeItsWrite_replacesTheStoredOne()
{
    Notification stored = message();
    stored.topic = "topic";
    hello();
    push(stored);
    m_storage->endWait(m_uaid);
    onWorker([] {});
    QCOMPARE(names().last(), "MessageStored");
    const std::optional<SortKey> old = m_facts.back().sortKey;
    push(stored);
    say(ackOf(m_client->texts.back()));
    QCOMPARE(names(),
             (QByteArrayList { "MessageSent Direct", "MessageAcknowledged 0", "MessageReplaced" }));
    QCOMPARE(m_facts.back().sortKey, old);
    QCOMPARE(m_facts.back().by, m_facts.front().sortKey);
}

void TestClientFacts::newClient_registersAndUnregisters()
{
    onWorker([&] { m_client->open(*m_service); });
    say(R"({"messageType":"hello","use_webpush":true})");
    say(R"({"messageType":"register","channelID":")" + toDashed(SomeChannel) + R"("})");
    QCOMPARE(names(),
             (QByteArrayList { "ConnectionOpened", "ClientGreeted new", "ChannelRegistered" }));
    QCOMPARE(m_facts[2].uaid, m_facts[1].uaid);
    QCOMPARE(m_facts[2].channelId, std::optional(SomeChannel));
    say(R"({"messageType":"unregister","code":202,"channelID":")" + toDashed(SomeChannel)
        + R"("})");
    say("{}");
    QCOMPARE(names(), (QByteArrayList { "UnregisterReceived 202", "PingReceived" }));
    m_storage->setAvailable(false);
    say(R"({"messageType":"register","channelID":")" + toDashed(SomeChannel) + R"("})");
    QCOMPARE(names(), QByteArrayList { "RegisterRefused StorageUnavailable" });
}

void TestClientFacts::clientThatLeaves_returnsWhatWasNotAcknowledged()
{
    hello();
    push(message());
    say(ackOf(m_client->texts.back()));
    push(message());
    push(message(0s));
    static_cast<void>(names());
    onWorker([this] { m_client->leave(); });
    QByteArrayList returned = names();
    returned.removeIf([](const QByteArray &name) { return !name.startsWith("MessageReturned"); });
    QCOMPARE(returned, (QByteArrayList { "MessageReturned Stored", "MessageReturned Lost" }));
}

void TestClientFacts::strangerThatLeaves_hasNoUaid()
{
    onWorker([&] { m_client->open(*m_service); });
    onWorker([this] { m_client->leave(); });
    QCOMPARE(names(), (QByteArrayList { "ConnectionOpened", "ClientLeft", "ConnectionClosed" }));
    QVERIFY(!m_facts[1].uaid);
}

void TestClientFacts::closedByTheServer_saysWhy_once()
{
    hello();
    static_cast<void>(names());
    say("no JSON");
    QCOMPARE(names(), QByteArrayList { "ClientLeft InvalidMessage" });
    QCOMPARE(m_facts.front().uaid, std::optional(m_uaid));
    onWorker([this] { m_client->leave(); });
    QCOMPARE(names(), QByteArrayList { "ConnectionClosed" });
}

QTEST_GUILESS_MAIN(TestClientFacts)
#include "tst_clientfacts.moc"
