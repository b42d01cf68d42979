// SPDX-License-Identifier: MPL-2.0
#include "server/history/serverhistory.h"
#include "server/metrics/metrics.h"
#include "tests/support/manualclock.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <future>
#include <mutex>

#include <sqlite3.h>
#include <sys/resource.h>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

class Listener final : public EventListener
{
public:
    void happened(const Event &event) override { events.push_back(event); }
    std::vector<Event> events;
};

QByteArrayList namesOf(const std::vector<Event> &events)
{
    QByteArrayList names;
    for (const Event &event : events)
        names.append(eventName(event.kind).toByteArray());
    return names;
}

} // namespace

/// The history as the server has it: facts go in, events come out.
class TestServerHistory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGXFSZ, SIG_IGN); }
    void init();
    void cleanup();

    void everyKind_isMadeOfItsFact();
    void factsWithoutNews_makeNoEvent();
    void texts_areKept();
    void hashedUaids_areNotKept_andFoundAll();
    void listener_isTold_untilItIsRemoved();
    void ids_doNotGoBackWithoutAFile();

    void file_findsWhatTheMemoryHasForgotten();
    void file_goesOnAfterARestart();
    void file_fieldsComeBackAsTheyWere();
    void file_isFilteredLikeTheMemory();
    void file_forgetsWhatIsOld();
    void file_staysWithinItsSize();
    void file_thatIsDamaged_isSetAside();
    void file_thatIsDamagedWhileOpen_isSetAside();
    void file_thatIsNoDatabase_isSetAside();
    void file_ofAnotherProgram_isLeftAsItIs();
    void file_onAFullDisk_losesNothingThatFitsIntoMemory();
    void file_thatCannotBeOpened_doesNotStopTheHistory();
    void file_hashedUaids_areNotWritten();
    void file_isNotReadableByOthers();
    void file_ofAnotherProcess_isNotWritten();

private:
    void open();
    void reopen()
    {
        m_history.reset();
        open();
    }
    template<typename F> void record(const F &fact)
    {
        m_history->recorder().recorded(AnyFact(std::in_place_type<F>, fact));
    }
    void pings(int count)
    {
        for (int i = 0; i < count; ++i)
            record(Fact::ClientReclaimed { m_uaid });
    }
    [[nodiscard]] std::vector<Event> find(EventQuery query = {})
    {
        std::promise<std::vector<Event>> answer;
        m_history->find(std::move(query), [&](Result<std::vector<Event>> events) {
            m_failed = !events;
            answer.set_value(events ? std::move(*events) : std::vector<Event>());
        });
        return answer.get_future().get();
    }
    [[nodiscard]] QByteArray fileContents() const
    {
        QByteArray all;
        for (const char *const ending : { "", "-wal" }) {
            QFile file(m_options.path + QString::fromLatin1(ending));
            if (file.open(QIODevice::ReadOnly))
                all += file.readAll();
        }
        return all;
    }
    void useFile(std::int64_t events = 1'000)
    {
        m_options.path = m_dir->filePath(QStringLiteral("history.db"));
        m_options.events = events;
        reopen();
    }

    ManualClock m_clock { fromSeconds(1'764'340'000) };
    std::unique_ptr<QTemporaryDir> m_dir;
    HistoryOptions m_options;
    QList<QByteArray> m_secrets;
    std::unique_ptr<ServerHistory> m_history;
    Uaid m_uaid;
    ChannelId m_channel;
    Notification m_message;
    bool m_failed = false;
};

void TestServerHistory::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_options = {};
    m_options.events = 1'000;
    m_secrets = { "secret" };
    m_uaid = newUaid();
    m_channel = ChannelId::fromRaw(newUaid().raw());
    m_message = {};
    m_message.uaid = m_uaid;
    m_message.channelId = m_channel;
    m_message.sortKey = SortKey { 42 };
    m_message.body = "the encrypted body";
    m_message.senderKeyHash = QByteArray(32, 'k');
    open();
}

void TestServerHistory::cleanup()
{
    m_history.reset();
}

void TestServerHistory::open()
{
    m_history = std::make_unique<ServerHistory>(m_options, m_secrets, m_clock);
}

void TestServerHistory::everyKind_isMadeOfItsFact()
{
    const NodeId node("http://127.0.0.1:8081");
    const RemovedMessage gone { .uaid = m_uaid, .channelId = m_channel, .sortKey = SortKey { 6 } };
    const std::array<Uaid, 2> expired { newUaid(), newUaid() };
    using Sent = Fact::MessageSent;
    record(Fact::PushRefused { .why = ErrorCode::RateLimited,
                               .rule = Fact::PushRefused::Rule::SenderRate,
                               .uaid = &m_uaid,
                               .channelId = &m_channel,
                               .senderKeyHash = m_message.senderKeyHash });
    record(Fact::PushAccepted { .uaid = m_uaid,
                                .channelId = m_channel,
                                .sortKey = SortKey { 42 },
                                .id = "the id",
                                .size = 18,
                                .ttl = 60s });
    record(Fact::MessageStored { m_message });
    record(Sent { m_message, "the id", Sent::Source::Direct });
    record(Sent { m_message, "the id", Sent::Source::Storage });
    record(Sent { m_message, "the id", Sent::Source::OtherNode });
    record(Fact::MessageAcknowledged { m_uaid, m_channel, "the id", 100, SortKey { 42 } });
    record(Fact::MessageRefused { m_uaid, "the id", 302, &m_channel, SortKey { 42 } });
    record(Fact::MessageReplaced { m_message, gone });
    record(Fact::MessageDisplaced { m_message, gone });
    record(Fact::MessageDropped { m_message, Fact::MessageDropped::Reason::TtlZero });
    record(Fact::MessageHandedOver { m_message, node, Fact::MessageHandedOver::Outcome::Taken });
    record(Fact::MessageHandedOver { m_message, node, Fact::MessageHandedOver::Outcome::NotHere });
    record(Fact::MessageHandedOver { m_message, node, Fact::MessageHandedOver::Outcome::Failed });
    record(Fact::MessageCancelled { m_uaid, m_channel, "the id", SortKey { 42 } });
    record(Fact::MessagesExpired { { &gone, 1 } });
    record(Fact::MessagePurged { m_uaid, m_channel, SortKey { 42 } });
    record(Fact::ClientGreeted { {}, m_uaid, true, 0, {}, {}, "agent" });
    record(Fact::ClientGreeted { {}, m_uaid, false, 1, {}, {}, "agent" });
    record(Fact::ClientLeft { {}, &m_uaid, ErrorCode::Ghost });
    record(Fact::ClientLeft { {}, nullptr, std::nullopt });
    record(Fact::ChannelRegistered { m_uaid, m_channel, m_message.senderKeyHash });
    record(Fact::RegisterRefused { m_uaid, m_channel, ErrorCode::TooManyChannels });
    record(Fact::UnregisterReceived { m_uaid, m_channel, 202 });
    record(Fact::ChannelPurged { m_uaid, m_channel });
    record(Fact::ClientReset { m_uaid });
    record(Fact::ClientReclaimed { m_uaid });
    record(Fact::ClientsExpired { expired });
    record(Fact::ClientPurged { m_uaid });

    struct Wanted
    {
        EventKind kind;
        EventDetail detail = EventDetail::None;
        std::int64_t key = 0;
        std::optional<ErrorCode> error = {};
        std::optional<int> code = {};
        QByteArray text = {};
    };
    const std::vector<Wanted> wanted {
        { .kind = EventKind::PushRefused,
          .detail = EventDetail::SenderRate,
          .error = ErrorCode::RateLimited },
        { .kind = EventKind::PushAccepted, .key = 42 },
        { .kind = EventKind::MessageStored, .key = 42 },
        { .kind = EventKind::MessageSent, .detail = EventDetail::Direct, .key = 42 },
        { .kind = EventKind::MessageSent, .detail = EventDetail::FromStorage, .key = 42 },
        { .kind = EventKind::MessageSent, .detail = EventDetail::FromOtherNode, .key = 42 },
        { .kind = EventKind::MessageAcknowledged, .key = 42, .code = 100 },
        { .kind = EventKind::MessageNacked, .key = 42, .code = 302 },
        { .kind = EventKind::MessageReplaced, .key = 6 },
        { .kind = EventKind::MessageDropped, .detail = EventDetail::QueueOverflow, .key = 6 },
        { .kind = EventKind::MessageDropped, .detail = EventDetail::TtlZero, .key = 42 },
        { .kind = EventKind::MessageHandedOver,
          .detail = EventDetail::Taken,
          .key = 42,
          .text = node.url() },
        { .kind = EventKind::MessageHandedOver,
          .detail = EventDetail::NotHere,
          .key = 42,
          .text = node.url() },
        { .kind = EventKind::MessageHandedOver,
          .detail = EventDetail::Failed,
          .key = 42,
          .text = node.url() },
        { .kind = EventKind::MessageCancelled, .key = 42 },
        { .kind = EventKind::MessageExpired, .key = 6 },
        { .kind = EventKind::MessagePurged, .key = 42 },
        { .kind = EventKind::ClientConnected, .detail = EventDetail::NewClient, .text = "agent" },
        { .kind = EventKind::ClientConnected, .detail = EventDetail::KnownClient, .text = "agent" },
        { .kind = EventKind::ClientDisconnected, .error = ErrorCode::Ghost },
        { .kind = EventKind::ClientDisconnected },
        { .kind = EventKind::ChannelRegistered },
        { .kind = EventKind::ChannelRegisterRefused, .error = ErrorCode::TooManyChannels },
        { .kind = EventKind::ChannelUnregistered, .code = 202 },
        { .kind = EventKind::ChannelPurged },
        { .kind = EventKind::ClientReset },
        { .kind = EventKind::ClientReclaimed },
        { .kind = EventKind::ClientExpired },
        { .kind = EventKind::ClientExpired },
        { .kind = EventKind::ClientPurged },
    };
    const std::vector<Event> found = find({ .newestFirst = false });
    QCOMPARE(found.size(), wanted.size());
    EventKinds seen;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const Event &event = found[i];
        const QByteArray where = "event " + QByteArray::number(qulonglong(i));
        QVERIFY2(event.kind == wanted[i].kind, where.constData());
        QVERIFY2(event.detail == wanted[i].detail, where.constData());
        QVERIFY2(toInt(event.sortKey.value_or(SortKey {})) == wanted[i].key, where.constData());
        QVERIFY2(event.error == wanted[i].error, where.constData());
        QVERIFY2(event.code == wanted[i].code, where.constData());
        QVERIFY2(event.text == wanted[i].text, where.constData());
        const bool isAboutMany = event.kind == EventKind::ClientExpired;
        if (!isAboutMany && i != 20)
            QVERIFY2(event.uaid == m_uaid, where.constData());
        seen.add(event.kind);
    }
    QCOMPARE(found[1].size, std::optional<std::int64_t>(18));
    QVERIFY(found[1].ttl == 60s);
    QCOMPARE(found[8].by, std::optional(SortKey { 42 }));
    QCOMPARE(found[9].by, std::optional(SortKey { 42 }));
    QVERIFY(!found[20].uaid);
    QCOMPARE(found[27].uaid, std::optional(expired[0]));
    QCOMPARE(found[28].uaid, std::optional(expired[1]));
    for (int i = 0; i < EventKindCount; ++i)
        QVERIFY2(seen.contains(static_cast<EventKind>(i)), QByteArray::number(i).constData());
}

void TestServerHistory::factsWithoutNews_makeNoEvent()
{
    record(Fact::PushReceived { "192.0.2.1" });
    record(Fact::MessageReceived { m_message });
    record(Fact::MessagesRetrieved { m_uaid, { &m_message, 1 } });
    record(Fact::ConnectionOpened { {}, "192.0.2.1", "agent" });
    record(Fact::ConnectionClosed { {} });
    record(Fact::PingReceived { m_uaid });
    record(Fact::BroadcastSent { m_uaid });
    QVERIFY(find().empty());
}

void TestServerHistory::texts_areKept()
{
    const QByteArray longText = QByteArray("ä").repeated(200);
    record(Fact::PushRefused { .why = ErrorCode::VapidAudience,
                               .senderSubject = "mailto:ops@example.com",
                               .reason = longText });
    const Event event = find().front();
    QCOMPARE(event.subject, "mailto:ops@example.com");
    QCOMPARE(event.text, longText.first(200));
    QCOMPARE(QString::fromUtf8(event.text).size(), 100); // cut between characters
}

void TestServerHistory::hashedUaids_areNotKept_andFoundAll()
{
    m_options.hashUaids = true;
    m_secrets = { "first", "second" };
    reopen();
    record(Fact::ClientReset { m_uaid });
    record(Fact::ClientReset { newUaid() });
    const std::vector<Event> found = find({ .uaid = m_uaid });
    QCOMPARE(found.size(), 1U);
    QVERIFY(found.front().isUaidHashed);
    QVERIFY(found.front().uaid && found.front().uaid != m_uaid);
    // Another server's hash is another one.
    m_secrets = { "third" };
    reopen();
    record(Fact::ClientReset { m_uaid });
    QVERIFY(find().front().uaid != found.front().uaid);
}

void TestServerHistory::listener_isTold_untilItIsRemoved()
{
    Listener listener;
    m_history->addListener(listener);
    record(Fact::ClientGreeted { {}, m_uaid, true, 0, {}, {}, "agent" });
    QCOMPARE(listener.events.size(), 1U);
    QVERIFY(listener.events.front() == find().front());
    QCOMPARE(listener.events.front().id, m_history->newestId());
    m_history->removeListener(listener);
    record(Fact::ClientReset { m_uaid });
    QCOMPARE(listener.events.size(), 1U);
}

void TestServerHistory::ids_doNotGoBackWithoutAFile()
{
    pings(5);
    const std::uint64_t newest = m_history->newestId();
    m_clock.advance(1s);
    reopen();
    QVERIFY(m_history->newestId() > newest);
}

// The file.

void TestServerHistory::file_findsWhatTheMemoryHasForgotten()
{
    useFile(100);
    record(Fact::ClientReset { m_uaid });
    for (int i = 0; i < 5; ++i) {
        pings(90);
        m_history->flush();
    }
    EventKinds kinds;
    kinds.add(EventKind::ClientReset);
    QVERIFY(m_history->recent({ .kinds = kinds }).empty());
    QCOMPARE(find({ .kinds = kinds }).size(), 1U);
    // From both, each once and in order.
    const std::vector<Event> all = find({ .limit = 1'000, .newestFirst = false });
    QCOMPARE(all.size(), 451U);
    for (std::size_t i = 0; i < all.size(); ++i)
        QCOMPARE(all[i].id, all.front().id + i);
    QCOMPARE(find({ .limit = 200 }).back().id, all.back().id - 199);
    QCOMPARE(m_history->fileStats().lost, 0U);
}

void TestServerHistory::file_goesOnAfterARestart()
{
    useFile();
    pings(3);
    const std::uint64_t newest = m_history->newestId();
    m_clock.step(m_clock.now() - 24h); // it was wrong
    reopen();
    QCOMPARE(m_history->newestId(), newest);
    pings(2);
    const std::vector<Event> all = find({ .newestFirst = false });
    QCOMPARE(all.size(), 5U);
    QCOMPARE(all.back().id, newest + 2);
}

void TestServerHistory::file_fieldsComeBackAsTheyWere()
{
    useFile();
    record(Fact::PushRefused { .why = ErrorCode::RateLimited,
                               .rule = Fact::PushRefused::Rule::AddressRate,
                               .uaid = &m_uaid,
                               .channelId = &m_channel,
                               .senderKeyHash = m_message.senderKeyHash,
                               .senderSubject = "mailto:ops@example.com",
                               .reason = "because" });
    record(Fact::PushAccepted { .uaid = m_uaid,
                                .channelId = m_channel,
                                .sortKey = SortKey { 42 },
                                .id = "the id",
                                .senderKeyHash = m_message.senderKeyHash,
                                .size = 18,
                                .ttl = 60s,
                                .urgency = Urgency::High,
                                .hasTopic = true });
    record(Fact::MessageReplaced {
        m_message, { .uaid = m_uaid, .channelId = m_channel, .sortKey = SortKey { 6 } } });
    record(Fact::MessageAcknowledged { m_uaid, m_channel, "the id", 0, SortKey { 42 } });
    record(Fact::ClientLeft { {}, nullptr, std::nullopt });
    const std::vector<Event> before = find();
    QCOMPARE(before.size(), 5U);
    reopen();
    QVERIFY(m_history->recent({}).empty());
    QVERIFY(find() == before);
}

void TestServerHistory::file_isFilteredLikeTheMemory()
{
    useFile();
    const Uaid other = newUaid();
    record(Fact::ClientReset { m_uaid });
    m_clock.advance(10s);
    const Time middle = m_clock.now();
    record(Fact::ClientReset { other });
    record(Fact::ChannelRegistered { m_uaid, m_channel, "12345678" });
    m_clock.advance(10s);
    const Time late = m_clock.now();
    record(Fact::MessageStored { m_message });
    record(Fact::PushRefused { .why = ErrorCode::NoSuchUser, .senderSubject = "mailto:x" });

    EventKinds rare;
    rare.add(EventKind::ClientReset);
    EventKinds common;
    common.add(EventKind::MessageStored);
    const std::uint64_t first = find({ .newestFirst = false }).front().id;
    const std::vector<std::pair<EventQuery, QByteArrayList>> cases {
        { { .uaid = m_uaid }, { "message.stored", "channel.registered", "client.reset" } },
        { { .uaid = m_uaid, .limit = 1, .newestFirst = false }, { "client.reset" } },
        { { .channelId = m_channel, .kinds = common }, { "message.stored" } },
        { { .sortKey = SortKey { 42 } }, { "message.stored" } },
        { { .sender = senderMark("12345678") }, { "channel.registered" } },
        { { .subject = "mailto:x" }, { "push.refused" } },
        { { .kinds = rare }, { "client.reset", "client.reset" } },
        { { .kinds = rare, .newestFirst = false }, { "client.reset", "client.reset" } },
        { { .since = late }, { "push.refused", "message.stored" } },
        { { .until = middle }, { "client.reset" } },
        { { .since = middle, .until = late }, { "channel.registered", "client.reset" } },
        { { .after = first, .before = first + 2 }, { "client.reset" } },
    };
    for (const auto &[query, names] : cases)
        QCOMPARE(namesOf(m_history->recent(query)), names);
    reopen();
    for (const auto &[query, names] : cases)
        QCOMPARE(namesOf(find(query)), names);
}

void TestServerHistory::file_forgetsWhatIsOld()
{
    m_options.retention = std::chrono::hours(1);
    useFile();
    pings(10);
    m_clock.advance(30min);
    pings(5);
    reopen();
    QCOMPARE(find().size(), 15U);
    m_clock.advance(45min);
    reopen(); // it looks at its start
    m_history->flush();
    QCOMPARE(find().size(), 5U);
}

void TestServerHistory::file_staysWithinItsSize()
{
    m_options.maxBytes = 200'000;
    useFile(10'000);
    for (int i = 0; i < 10; ++i) {
        pings(5'000);
        reopen();
        m_history->flush();
    }
    const std::vector<Event> kept = find({ .limit = 100'000 });
    QVERIFY2(kept.size() > 500 && kept.size() < 10'000,
             QByteArray::number(qulonglong(kept.size())).constData());
    QVERIFY(m_history->fileStats().bytes > 0);
    QVERIFY(m_history->fileStats().bytes <= m_options.maxBytes);
    // The newest are kept, without a gap.
    QCOMPARE(kept.front().id, m_history->newestId());
    QCOMPARE(kept.back().id, m_history->newestId() + 1 - kept.size());
}

void TestServerHistory::file_thatIsDamaged_isSetAside()
{
    useFile();
    pings(1'000);
    m_history.reset();
    QFile file(m_options.path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.resize(file.size() / 2));
    QVERIFY(file.seek(4'096));
    QVERIFY(file.write(QByteArray(8'192, '\x55')) > 0);
    file.close();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("damaged.*renamed to")));
    open();
    pings(1);
    m_history->flush();
    pings(1);
    m_history->flush();
    QCOMPARE(find().size(), 2U);
    QVERIFY(!m_failed);
    QCOMPARE(m_history->fileStats().lost, 0U);
    QVERIFY(m_history->fileStats().failures > 0);
    QCOMPARE(QDir(m_dir->path()).entryList({ QStringLiteral("history.db.damaged-*") }).size(), 1);
}

void TestServerHistory::file_thatIsDamagedWhileOpen_isSetAside()
{
    useFile();
    pings(1'000);
    m_history->flush();
    reopen();
    QFile file(m_options.path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.write(QByteArray(int(file.size()), '\x55')) > 0);
    file.close();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("damaged.*renamed to")));
    for (int i = 0; i < 20 && m_history->fileStats().failures == 0; ++i) {
        pings(200);
        m_history->flush();
    }
    QVERIFY(m_history->fileStats().failures > 0);
    pings(1);
    m_history->flush();
    QVERIFY(find().size() >= 1U);
    QVERIFY(!m_failed);
    QCOMPARE(m_history->fileStats().lost, 0U);
}

void TestServerHistory::file_thatIsNoDatabase_isSetAside()
{
    QFile file(m_dir->filePath(QStringLiteral("history.db")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(
        "a letter to somebody, longer than the header of a database, and no database at all, "
        "which must not be lost");
    file.close();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("damaged.*renamed to")));
    useFile();
    pings(1);
    m_history->flush();
    QCOMPARE(find().size(), 1U);
    const QStringList aside =
        QDir(m_dir->path()).entryList({ QStringLiteral("history.db.damaged-*") });
    QCOMPARE(aside.size(), 1);
    QFile kept(m_dir->filePath(aside.front()));
    QVERIFY(kept.open(QIODevice::ReadOnly));
    QVERIFY(kept.readAll().startsWith("a letter"));
}

void TestServerHistory::file_ofAnotherProgram_isLeftAsItIs()
{
    m_options.path = m_dir->filePath(QStringLiteral("history.db"));
    sqlite3 *other = nullptr;
    QCOMPARE(sqlite3_open(QFile::encodeName(m_options.path).constData(), &other), SQLITE_OK);
    QCOMPARE(sqlite3_exec(other, "PRAGMA user_version = 1; VACUUM; CREATE TABLE theirs (x)",
                          nullptr, nullptr, nullptr),
             SQLITE_OK);
    sqlite3_close(other);
    const QByteArray before = fileContents();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("another program")));
    reopen();
    pings(1);
    m_history->flush();
    QCOMPARE(find().size(), 1U);
    m_history.reset();
    QCOMPARE(fileContents(), before);
    QVERIFY(!QFile::exists(m_options.path + QStringLiteral("-wal")));
}

void TestServerHistory::file_onAFullDisk_losesNothingThatFitsIntoMemory()
{
    useFile();
    pings(10);
    m_history->flush();
    rlimit usual {};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &usual), 0);
    rlimit tiny = usual;
    tiny.rlim_cur = 4'096;
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &tiny), 0);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("cannot be written")));
    pings(100); // said once, however often it fails
    m_history->flush();
    pings(100);
    m_history->flush();
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &usual), 0);
    Metrics metrics;
    m_history->publishStats(metrics);
    QVERIFY(metrics.value(Metric::HistoryFileFailures) > 0);
    QCOMPARE(metrics.value(Metric::HistoryFileLost), 0);
    QVERIFY(metrics.value(Metric::HistoryBytes) > 0);
    QVERIFY(metrics.value(Metric::HistoryFileBytes) > 0);
    QCOMPARE(find({ .limit = 1'000 }).size(), 210U);
    reopen(); // which tries again at the end
    QCOMPARE(find({ .limit = 1'000 }).size(), 210U);
    QCOMPARE(QDir(m_dir->path()).entryList({ QStringLiteral("history.db.damaged-*") }).size(), 0);
}

void TestServerHistory::file_thatCannotBeOpened_doesNotStopTheHistory()
{
    m_options.path = m_dir->filePath(QStringLiteral("no such directory/history.db"));
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("cannot be opened")));
    reopen();
    pings(10);
    m_history->flush();
    QCOMPARE(find().size(), 10U);
    QVERIFY(m_history->fileStats().failures > 0);
    // What is lost is counted once it works.
    pings(2'000);
    QVERIFY(QDir(m_dir->path()).mkdir(QStringLiteral("no such directory")));
    m_history.reset();
    QVERIFY(QFile::exists(m_options.path));
}

void TestServerHistory::file_hashedUaids_areNotWritten()
{
    m_options.hashUaids = true;
    useFile();
    record(Fact::MessageStored { m_message });
    record(Fact::ClientGreeted { {}, m_uaid, true, 0, {}, {}, "agent" });
    m_history->flush();
    QVERIFY(!fileContents().contains(m_uaid.raw().toByteArray()));
    QCOMPARE(find({ .uaid = m_uaid }).size(), 2U);
    reopen();
    const std::vector<Event> found = find({ .uaid = m_uaid });
    QCOMPARE(found.size(), 2U);
    QVERIFY(found.front().isUaidHashed);
    QVERIFY(!fileContents().contains("the encrypted body"));
}

void TestServerHistory::file_isNotReadableByOthers()
{
    useFile();
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    QVERIFY(!(QFile::permissions(m_options.path) & others));
}

void TestServerHistory::file_ofAnotherProcess_isNotWritten()
{
    useFile();
    pings(1);
    m_history->flush();
    std::unique_ptr<ServerHistory> first = std::move(m_history);
    QTest::ignoreMessage(QtWarningMsg,
                         QRegularExpression(QStringLiteral("used by another process")));
    open();
    pings(2);
    m_history->flush();
    QCOMPARE(find().size(), 2U);
    m_history = std::move(first);
    QCOMPARE(find().size(), 1U);
}

QTEST_GUILESS_MAIN(TestServerHistory)
#include "tst_serverhistory.moc"
