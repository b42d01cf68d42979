// SPDX-License-Identifier: MPL-2.0
#include "server/endpoint/pushendpoint.h"

#include "core/crypto/digest.h"
#include "core/storage/memorystorage.h"
#include "server/journal/journal.h"
#include "server/net/worker.h"
#include "server/responses/errorresponses.h"
#include "server/routing/dispatcher.h"
#include "server/routing/ratelimits.h"
#include "server/routing/senderrules.h"
#include "tests/support/recordinglistener.h"
#include "tests/support/vapidkey.h"

#include <QTest>

#include <functional>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace std::chrono_literals;

namespace {

const QByteArray Origin = "https://push.example";
/// Of a sender whom limits meet: loopback may always.
const QByteArray SenderAddress = "192.0.2.1";

/// Keeps the last answer.
class AnswerSink final : public ResponseSink
{
public:
    void respond(ConnectionId, std::uint32_t, HttpResponse response) override
    {
        ++answers;
        last = std::move(response);
    }
    [[nodiscard]] QByteArray header(QByteArrayView name) const
    {
        for (const HttpHeader &each : last.headers) {
            if (each.name.compare(name, Qt::CaseInsensitive) == 0)
                return each.value;
        }
        return {};
    }

    int answers = 0;
    HttpResponse last;
};

/// A push as a test wants it; the defaults make a good one to a subscription of its own sender.
struct TestPush
{
    QByteArrayView version = "v2";
    QByteArray token;
    QByteArray ttl = "60";
    QByteArray topic;
    QByteArray authorization;
    QByteArray body = "encrypted";
};

/// What a push is refused for, and what was known of it by then.
struct Refused
{
    const char *name;
    std::function<void(TestPush &)> spoil;
    ErrorCode why;
    bool client = true;
    bool sender = true;
    bool wasMessage = false;
};

} // namespace

/// PushEndpoint with a real dispatcher and a storage in memory, and what the journal is told of
/// each request.
class TestPushEndpoint : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void push_absentClient_isReceivedStoredAccepted();
    void push_withTopic_replacesTheStoredOne();
    void queueFull_dropOldest_saysWhatItDropped();
    void ttlZero_absentClient_isDroppedAndAccepted();
    void refused_isRecordedWithWhatIsKnown_data();
    void refused_isRecordedWithWhatIsKnown();
    void rateLimited_isRefusedUnread();
    void refusedByTheTransport_isRecordedWithItsClient();
    void queueFull_isRefusedAsAMessage();
    void storageDown_isUnavailable();
    void fault_ofAGoneSubscription_isTheGraverOne();
    void cancel_removesTheMessage_once();
    void cancel_ofWhatIsNoId_isNoFact();

private:
    [[nodiscard]] QByteArray tokenOf(const EndpointToken &token) const;
    [[nodiscard]] TestPush goodPush() const;
    void push(const TestPush &what);
    void cancel(const QByteArray &id);
    [[nodiscard]] QByteArray locationId() const;
    [[nodiscard]] std::vector<Notification> stored();
    /// What was recorded since this was last called.
    [[nodiscard]] QByteArrayList names();
    void setUp(const QueueLimits &limits);
    [[nodiscard]] std::vector<Refused> refusals() const;

    const Fernet m_keys = *Fernet::fromKeys({ newFernetKey() });
    const VapidKey m_sender;
    const VapidKey m_stranger;
    SystemClock m_clock;
    Uaid m_uaid;
    ChannelId m_channel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");
    QByteArray m_senderHash;
    RecordingListener m_listener;
    std::vector<RecordedFact> m_facts;
    AnswerSink m_answers;
    std::unique_ptr<Metrics> m_metrics;
    std::unique_ptr<Journal> m_journal;
    std::unique_ptr<RateLimits> m_rateLimits;
    SenderRules m_senderRules;
    const ErrorResponses m_errors { "http://localhost/errors/" };
    std::unique_ptr<MemoryStorage> m_storage;
    std::unique_ptr<ClientRegistry> m_registry;
    std::unique_ptr<Dispatcher> m_dispatcher;
    std::unique_ptr<Worker> m_worker;
    std::unique_ptr<PushEndpoint> m_endpoint;
};

void TestPushEndpoint::init()
{
    setUp({});
}

void TestPushEndpoint::setUp(const QueueLimits &limits)
{
    m_uaid = newUaid();
    m_senderHash = sha256(m_sender.point());
    m_metrics = std::make_unique<Metrics>();
    m_journal = std::make_unique<Journal>(*m_metrics);
    m_journal->addListener(m_listener);
    m_rateLimits = std::make_unique<RateLimits>(m_clock, *m_metrics);
    m_storage = std::make_unique<MemoryStorage>(m_clock, MemoryOptions { .limits = limits });
    m_storage->addChannel(m_uaid, {}, m_channel, m_senderHash, 10, [](const Result<void> &) {});
    m_registry = std::make_unique<ClientRegistry>();
    m_dispatcher = std::make_unique<Dispatcher>(Dispatcher::Ways { *m_storage, *m_registry },
                                                NodeId(), *m_journal);
    m_worker = std::make_unique<Worker>(0);
    m_endpoint = std::make_unique<PushEndpoint>(
        PushEndpoint::Dependencies { *m_worker, *m_dispatcher, *m_storage, *m_journal, *m_metrics,
                                     m_clock, *m_rateLimits, m_senderRules, m_errors },
        m_keys, EndpointSettings { .origin = Origin, .options = { .maxDataBytes = 100 } });
    m_answers.answers = 0;
    static_cast<void>(m_listener.take());
}

void TestPushEndpoint::cleanup()
{
    m_worker->stop([] {});
    m_worker.reset();
}

QByteArray TestPushEndpoint::tokenOf(const EndpointToken &token) const
{
    return EndpointTokens(m_keys).make(token, m_clock.wall());
}

TestPush TestPushEndpoint::goodPush() const
{
    TestPush made;
    made.token = tokenOf({ m_uaid, m_channel, m_senderHash });
    made.authorization = m_sender.authorization(Origin);
    return made;
}

void TestPushEndpoint::push(const TestPush &what)
{
    HttpRequest request;
    request.method = "POST";
    request.peer = SenderAddress;
    request.body = what.body;
    const auto add = [&request](QByteArrayView name, const QByteArray &value) {
        if (!value.isNull())
            request.headers.add(name, value);
    };
    add("ttl", what.ttl);
    add("topic", what.topic);
    add("authorization", what.authorization);
    add("content-encoding", "aes128gcm");
    m_worker->runAndWait([&] {
        m_endpoint->push(request, what.version, what.token, HttpResponder(m_answers, {}, 1));
    });
}

void TestPushEndpoint::cancel(const QByteArray &id)
{
    HttpRequest request;
    request.method = "DELETE";
    request.peer = SenderAddress;
    m_worker->runAndWait([&] { m_endpoint->cancel(request, id, HttpResponder(m_answers, {}, 1)); });
}

QByteArray TestPushEndpoint::locationId() const
{
    return m_answers.header("location").mid(Origin.size() + qsizetype(sizeof("/m/") - 1));
}

std::vector<Notification> TestPushEndpoint::stored()
{
    std::vector<Notification> found;
    m_storage->fetch({ .uaid = m_uaid },
                     [&](Result<FetchPage> page) { found = std::move(page->messages); });
    return found;
}

QByteArrayList TestPushEndpoint::names()
{
    m_facts = m_listener.take();
    return namesOf(m_facts);
}

void TestPushEndpoint::push_absentClient_isReceivedStoredAccepted()
{
    push(goodPush());
    QCOMPARE(m_answers.answers, 1);
    QCOMPARE(m_answers.last.status, 201);
    QCOMPARE(m_answers.header("ttl"), "60");
    QCOMPARE(
        names(),
        (QByteArrayList { "PushReceived", "MessageReceived", "MessageStored", "PushAccepted" }));
    const std::vector<Notification> kept = stored();
    QCOMPARE(kept.size(), 1U);
    QCOMPARE(kept.front().body, "encrypted");
    for (int i = 1; i < 4; ++i) {
        QCOMPARE(m_facts[std::size_t(i)].uaid, std::optional(m_uaid));
        QCOMPARE(m_facts[std::size_t(i)].channelId, std::optional(m_channel));
    }
    QCOMPARE(m_facts[1].senderKeyHash, m_senderHash);
    QCOMPARE(m_facts[2].senderKeyHash, m_senderHash);
    QCOMPARE(m_facts[2].sortKey, std::optional(kept.front().sortKey));
    QCOMPARE(m_facts[3].sortKey, std::optional(kept.front().sortKey));
    QVERIFY(!m_facts[3].id.isEmpty());
    QCOMPARE(m_facts[3].id, locationId());
    QCOMPARE(m_facts[3].senderKeyHash, m_senderHash);
    QCOMPARE(m_facts[3].senderSubject, "mailto:ops@example.com");
    QCOMPARE(m_facts[3].size, 9);
}

void TestPushEndpoint::push_withTopic_replacesTheStoredOne()
{
    TestPush first = goodPush();
    first.topic = "topic";
    push(first);
    static_cast<void>(names());
    const std::optional<SortKey> old = m_facts.back().sortKey;
    first.body = "newer";
    push(first);
    QCOMPARE(names(),
             (QByteArrayList { "PushReceived", "MessageReceived", "MessageReplaced",
                               "MessageStored", "PushAccepted" }));
    QCOMPARE(m_facts[2].sortKey, old);
    const std::optional<SortKey> newer = m_facts.back().sortKey;
    QCOMPARE(m_facts[2].by, newer);
    first.ttl = "0";
    push(first);
    QCOMPARE(m_answers.last.status, 201);
    QCOMPARE(names(),
             (QByteArrayList { "PushReceived", "MessageReceived", "MessageReplaced",
                               "MessageDropped", "PushAccepted" }));
    QCOMPARE(m_facts[2].uaid, std::optional(m_uaid));
    QCOMPARE(m_facts[2].sortKey, newer);
    QCOMPARE(m_facts[2].by, m_facts[3].sortKey);
    QVERIFY(stored().empty());
}

void TestPushEndpoint::queueFull_dropOldest_saysWhatItDropped()
{
    cleanup();
    QueueLimits limits;
    limits.maxMessages = 1;
    limits.onFull = OnFull::DropOldest;
    setUp(limits);
    push(goodPush());
    static_cast<void>(names());
    const std::optional<SortKey> old = m_facts.back().sortKey;
    push(goodPush());
    QCOMPARE(names(),
             (QByteArrayList { "PushReceived", "MessageReceived", "MessageDisplaced",
                               "MessageStored", "PushAccepted" }));
    QCOMPARE(m_facts[2].sortKey, old);
    QCOMPARE(m_facts[2].channelId, std::optional(m_channel));
    QCOMPARE(m_facts[2].by, m_facts.back().sortKey);
    QCOMPARE(m_metrics->value(Metric::MessagesDroppedOverflow), 1);
}

void TestPushEndpoint::ttlZero_absentClient_isDroppedAndAccepted()
{
    TestPush brief = goodPush();
    brief.ttl = "0";
    push(brief);
    QCOMPARE(m_answers.last.status, 201);
    QCOMPARE(
        names(),
        (QByteArrayList { "PushReceived", "MessageReceived", "MessageDropped", "PushAccepted" }));
    QCOMPARE(m_facts[2].uaid, std::optional(m_uaid));
    QCOMPARE(m_facts[2].sortKey, m_facts[3].sortKey);
    QVERIFY(stored().empty());
}

std::vector<Refused> TestPushEndpoint::refusals() const
{
    return {
        { "version", [](TestPush &push) { push.version = "v3"; }, ErrorCode::UnknownApiVersion,
          false, false },
        { "token", [](TestPush &push) { push.token = "no token of ours"; }, ErrorCode::InvalidToken,
          false, false },
        { "no VAPID", [](TestPush &push) { push.authorization = QByteArray(); },
          ErrorCode::VapidMissing, true, false },
        { "VAPID for another origin",
          [this](TestPush &push) {
              push.authorization = m_sender.authorization("https://other.example");
          },
          ErrorCode::VapidAudience, true, false },
        { "another sender's key",
          [this](TestPush &push) { push.authorization = m_stranger.authorization(Origin); },
          ErrorCode::VapidKeyMismatch },
        { "no TTL", [](TestPush &push) { push.ttl = QByteArray(); }, ErrorCode::TtlMissing },
        { "topic", [](TestPush &push) { push.topic = "no topic!"; }, ErrorCode::TopicInvalid },
        { "body", [](TestPush &push) { push.body = QByteArray(101, 'x'); },
          ErrorCode::BodyTooLarge },
        { "unknown client",
          [this](TestPush &push) {
              push.token = tokenOf({ newUaid(), m_channel, m_senderHash });
          },
          ErrorCode::NoSuchUser, true, true, true },
        { "unknown subscription",
          [this](TestPush &push) {
              push.token = tokenOf({ m_uaid, ChannelId(), m_senderHash });
          },
          ErrorCode::NoSuchSubscription, true, true, true },
    };
}

void TestPushEndpoint::refused_isRecordedWithWhatIsKnown_data()
{
    QTest::addColumn<int>("index");
    int index = 0;
    for (const Refused &each : refusals())
        QTest::newRow(each.name) << index++;
}

void TestPushEndpoint::refused_isRecordedWithWhatIsKnown()
{
    QFETCH(const int, index);
    const Refused refused = refusals()[std::size_t(index)];
    TestPush spoilt = goodPush();
    refused.spoil(spoilt);
    push(spoilt);
    QCOMPARE(m_answers.answers, 1);
    QCOMPARE(m_answers.last.status, httpStatus(refused.why));
    QByteArrayList wanted { "PushReceived" };
    if (refused.wasMessage)
        wanted.append("MessageReceived");
    wanted.append("PushRefused " + errorName(refused.why).toByteArray());
    QCOMPARE(names(), wanted);
    const RecordedFact &fact = m_facts.back();
    QCOMPARE(fact.uaid.has_value(), refused.client);
    QCOMPARE(fact.channelId.has_value(), refused.client);
    QCOMPARE(!fact.senderKeyHash.isEmpty(), refused.sender);
    QCOMPARE(fact.senderSubject.isEmpty(), fact.senderKeyHash.isEmpty());
    if (refused.why == ErrorCode::VapidAudience)
        QVERIFY2(fact.reason.contains("https://other.example"), fact.reason.constData());
    QCOMPARE(m_metrics->value(ErrorMetric::PushesRefused, refused.why), 1);
    QVERIFY(stored().empty());
}

void TestPushEndpoint::rateLimited_isRefusedUnread()
{
    RateLimitOptions rates;
    rates.address = Rate { .count = 1, .per = 24h, .burst = 1 };
    m_rateLimits->setRates(rates);
    push(goodPush());
    QCOMPARE(m_answers.last.status, 201);
    static_cast<void>(names());
    push(goodPush());
    QCOMPARE(m_answers.last.status, 429);
    QCOMPARE(names(), (QByteArrayList { "PushReceived", "PushRefused RateLimited" }));
    QVERIFY(!m_facts.back().uaid);
    using Rule = Fact::PushRefused::Rule;
    QVERIFY(m_facts.back().rule == Rule::AddressRate);
    rates.subscription = std::exchange(rates.address, Rate());
    m_rateLimits->setRates(rates);
    push(goodPush());
    push(goodPush());
    static_cast<void>(names());
    QVERIFY(m_facts.back().rule == Rule::SubscriptionRate);
    rates.sender = std::exchange(rates.subscription, Rate());
    m_rateLimits->setRates(rates);
    push(goodPush());
    push(goodPush());
    static_cast<void>(names());
    QVERIFY(m_facts.back().rule == Rule::SenderRate);
}

void TestPushEndpoint::refusedByTheTransport_isRecordedWithItsClient()
{
    HttpRequest request;
    request.method = "POST";
    request.peer = SenderAddress;
    request.path = "/wpush/v2/" + goodPush().token;
    QCOMPARE(m_endpoint->refused(request, ErrorCode::BodyTooLarge).status, 413);
    QCOMPARE(names(), (QByteArrayList { "PushReceived", "PushRefused BodyTooLarge" }));
    QCOMPARE(m_facts.back().uaid, std::optional(m_uaid));
    QCOMPARE(m_facts.back().channelId, std::optional(m_channel));
    request.path = "/m/something";
    QCOMPARE(m_endpoint->refused(request, ErrorCode::BodyTooLarge).status, 413);
    QCOMPARE(names(), QByteArrayList());
}

void TestPushEndpoint::queueFull_isRefusedAsAMessage()
{
    cleanup();
    QueueLimits limits;
    limits.maxMessages = 1;
    setUp(limits);
    push(goodPush());
    QCOMPARE(m_answers.last.status, 201);
    static_cast<void>(names());
    push(goodPush());
    QCOMPARE(m_answers.last.status, httpStatus(ErrorCode::QueueFull));
    QCOMPARE(names(),
             (QByteArrayList { "PushReceived", "MessageReceived", "PushRefused QueueFull" }));
    QCOMPARE(m_facts.back().uaid, std::optional(m_uaid));
    QCOMPARE(m_facts.back().senderKeyHash, m_senderHash);
}

void TestPushEndpoint::storageDown_isUnavailable()
{
    m_storage->setAvailable(false);
    push(goodPush());
    QCOMPARE(m_answers.last.status, 503);
    QCOMPARE(
        names(),
        (QByteArrayList { "PushReceived", "MessageReceived", "PushRefused StorageUnavailable" }));
}

void TestPushEndpoint::fault_ofAGoneSubscription_isTheGraverOne()
{
    TestPush gone = goodPush();
    gone.token = tokenOf({ newUaid(), m_channel, m_senderHash });
    gone.ttl = QByteArray();
    push(gone);
    QCOMPARE(m_answers.last.status, 410);
    QCOMPARE(names(), (QByteArrayList { "PushReceived", "PushRefused NoSuchUser" }));
}

void TestPushEndpoint::cancel_removesTheMessage_once()
{
    push(goodPush());
    const QByteArray id = locationId();
    static_cast<void>(names());
    const std::optional<SortKey> key = m_facts.back().sortKey;
    cancel(id);
    QCOMPARE(m_answers.last.status, 204);
    QVERIFY(stored().empty());
    QCOMPARE(names(), QByteArrayList { "MessageCancelled" });
    QCOMPARE(m_facts.front().uaid, std::optional(m_uaid));
    QCOMPARE(m_facts.front().channelId, std::optional(m_channel));
    QCOMPARE(m_facts.front().id, id);
    QCOMPARE(m_facts.front().sortKey, key);
    cancel(id);
    QCOMPARE(m_answers.last.status, 204);
    QCOMPARE(names(), QByteArrayList());
    // An id that does not say the key.
    TestPush withTopic = goodPush();
    withTopic.topic = "topic";
    push(withTopic);
    static_cast<void>(names());
    const std::optional<SortKey> second = m_facts.back().sortKey;
    cancel(locationId());
    QCOMPARE(names(), QByteArrayList { "MessageCancelled" });
    QCOMPARE(m_facts.front().sortKey, second);
}

void TestPushEndpoint::cancel_ofWhatIsNoId_isNoFact()
{
    cancel("no id of ours");
    QCOMPARE(m_answers.last.status, httpStatus(ErrorCode::InvalidMessageId));
    QCOMPARE(names(), QByteArrayList());
}

QTEST_GUILESS_MAIN(TestPushEndpoint)
#include "tst_pushendpoint.moc"
