// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitebrowser.h"

#include "core/base/log.h"
#include "core/base/threadname.h"
#include "server/storage/sqlite/sqlitedatabase.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace Carillon {

namespace {

// A survey works for a slice, and pauses nine times as long: a tenth of a processor at most. What
// one call of overview() does at once is enough for some 10,000 rows.
constexpr std::chrono::milliseconds SliceTime { 5 };
constexpr std::chrono::milliseconds SlicePause { 45 };
constexpr std::chrono::milliseconds FirstSlices { 30 };
constexpr int SliceRows = 500;
constexpr int LifetimePerDuration = 20;

Instant steadyNow()
{
    return std::chrono::steady_clock::now();
}

} // namespace

/// A survey in the making: all clients, then all messages, in the order of their rows.
class SqliteBrowser::Survey
{
public:
    explicit Survey(Time began) : m_began(began), m_collector(began) { }

    /// Looks at a few rows more. Whether the last one was seen; nullopt: a statement failed.
    [[nodiscard]] std::optional<bool> goOn(SqliteConnection &connection)
    {
        const Instant begin = steadyNow();
        const auto done = m_isAtMessages ? addMessages(connection) : addClients(connection);
        m_worked += steadyNow() - begin;
        return done;
    }
    [[nodiscard]] QueueSurvey finish(Time ended) { return m_collector.finish(ended); }
    [[nodiscard]] std::chrono::nanoseconds worked() const { return m_worked; }

private:
    std::optional<bool> addClients(SqliteConnection &connection)
    {
        auto rows = connection.run(SqliteStatement::ClientsSurvey, m_row, SliceRows);
        if (!rows)
            return std::nullopt;
        int count = 0;
        for (; rows->next(); ++count) {
            m_row = rows->integer(0);
            m_collector.addClient(rows->id<Uaid>(1), rows->integer(2), rows->integer(3));
        }
        if (rows->failure())
            return std::nullopt;
        if (count < SliceRows) {
            m_isAtMessages = true;
            m_row = Begin;
        }
        return false;
    }

    std::optional<bool> addMessages(SqliteConnection &connection)
    {
        auto rows = connection.run(SqliteStatement::MessagesSurvey, m_row, SliceRows);
        if (!rows)
            return std::nullopt;
        int count = 0;
        for (; rows->next(); ++count) {
            m_row = rows->integer(0);
            if (rows->time(2) <= m_began)
                continue; // expired
            m_collector.addMessage({ .accepted = rows->time(1),
                                     .urgency = static_cast<Urgency>(rows->integer(3)),
                                     .size = rows->integer(4),
                                     .senderKeyHash = rows->bytes(5),
                                     .hasTopic = rows->integer(6) != 0,
                                     .isTracked = rows->integer(7) != 0 });
        }
        if (rows->failure())
            return std::nullopt;
        return count < SliceRows;
    }

    static constexpr std::int64_t Begin = std::numeric_limits<std::int64_t>::min();
    const Time m_began;
    SurveyCollector m_collector;
    bool m_isAtMessages = false;
    std::int64_t m_row = Begin;
    std::chrono::nanoseconds m_worked {};
};

SqliteBrowser::SqliteBrowser(const SqliteDatabase &database, const Clock &clock,
                             const SqliteBrowserOptions &options)
    : m_database(database), m_clock(clock), m_options(options), m_thread([this] { run(); })
{
}

SqliteBrowser::~SqliteBrowser()
{
    {
        const MutexLock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notifyAll();
    m_thread.join();
    const MutexLock lock(m_mutex);
    for (Call &call : m_queue)
        call(nullptr);
}

/// Queues a call. make turns the lists into the answer.
template<typename T, typename Make> void SqliteBrowser::add(Completion<T> done, Make make)
{
    Call call = [done = std::move(done), make = std::move(make)](SqliteLists *lists) mutable {
        if (lists)
            done(make(*lists));
        else
            done(Unexpected(ErrorCode::StorageUnavailable));
    };
    {
        const MutexLock lock(m_mutex);
        if (!m_stopping && m_queue.size() < m_options.maxQueued) {
            m_queue.push_back(std::move(call));
            m_wake.notifyOne();
            return;
        }
    }
    call(nullptr);
}

void SqliteBrowser::run()
{
    nameThisThread("sqlite-browser");
    MutexLock lock(m_mutex);
    while (!m_stopping) {
        if (!m_queue.empty()) {
            Call call = std::move(m_queue.front());
            m_queue.pop_front();
            lock.unlock();
            answer(call);
            lock.lock();
        } else if (!m_survey) {
            m_wake.wait(lock);
        } else if (m_wake.waitUntil(lock, m_sliceDue) == std::cv_status::timeout) {
            lock.unlock();
            goOnWithSurvey(steadyNow() + SliceTime);
            lock.lock();
        }
    }
}

void SqliteBrowser::answer(Call &call)
{
    if (!connect()) {
        call(nullptr);
        return;
    }
    const Instant limit = steadyNow() + m_options.timeLimit;
    m_connection->setTimeLimit(limit);
    call(&*m_lists);
    if (!m_lists)
        return;
    if (m_lists->hasFailed())
        giveUpConnection(steadyNow() > limit ? QStringLiteral("it takes too long")
                                             : m_connection->errorText());
    else if (m_outages.works())
        qCInfo(lcStorage, "lists of clients and messages can be read again");
}

bool SqliteBrowser::connect()
{
    if (!m_database.isReadable())
        return false;
    if (m_connection)
        return true;
    auto connected = m_database.connect();
    if (connected && !(*connected)->runFile(SqliteStatement::ReaderSetup))
        connected = Unexpected((*connected)->errorText());
    if (!connected) {
        giveUpConnection(connected.error());
        return false;
    }
    m_connection = std::move(*connected);
    m_lists.emplace(*m_connection, m_clock, m_options.lists);
    return true;
}

void SqliteBrowser::giveUpConnection(const QString &why)
{
    if (const auto leftOut = m_outages.failed())
        qCWarning(lcStorage, "lists of clients and messages cannot be read: %s%s", qPrintable(why),
                  leftOutText(*leftOut).constData());
    m_survey.reset();
    m_lists.reset();
    m_connection.reset();
}

/// Thread: the browser's.
Result<QueueOverview> SqliteBrowser::makeOverview(SqliteLists &lists)
{
    CARILLON_TRY(const SqliteLists::Counts counts, lists.counts());
    if (!m_survey && steadyNow() >= m_surveyDue) {
        m_survey = std::make_unique<Survey>(m_clock.now());
        if (!goOnWithSurvey(steadyNow() + FirstSlices))
            return Unexpected(ErrorCode::StorageUnavailable);
    }
    return QueueOverview { counts.clients, counts.channels, counts.messages, m_newest };
}

/// Whether it could.
bool SqliteBrowser::goOnWithSurvey(Instant until)
{
    m_connection->setTimeLimit(steadyNow() + m_options.timeLimit);
    do {
        const auto isDone = m_survey->goOn(*m_connection);
        if (!isDone) {
            giveUpConnection(m_connection->errorText());
            return false;
        }
        if (*isDone) {
            m_newest = m_survey->finish(m_clock.now());
            m_surveyDue = steadyNow()
                + std::max<Instant::duration>(m_options.surveyLifetime,
                                              m_survey->worked() * LifetimePerDuration);
            m_survey.reset();
            return true;
        }
    } while (steadyNow() < until);
    m_sliceDue = steadyNow() + SlicePause;
    return true;
}

void SqliteBrowser::listClients(ClientQuery query, Completion<ClientPage> done)
{
    add(std::move(done),
        [query = std::move(query)](SqliteLists &lists) { return lists.listClients(query); });
}

void SqliteBrowser::findClients(std::vector<Uaid> uaids,
                                Completion<std::vector<ClientSummary>> done)
{
    add(std::move(done),
        [uaids = std::move(uaids)](SqliteLists &lists) { return lists.findClients(uaids); });
}

void SqliteBrowser::findClient(Uaid uaid, Completion<std::optional<ClientDetails>> done)
{
    add(std::move(done), [uaid](SqliteLists &lists) { return lists.findClient(uaid); });
}

void SqliteBrowser::findChannel(ChannelId channel, Completion<std::vector<Uaid>> done)
{
    add(std::move(done), [channel](SqliteLists &lists) { return lists.findChannel(channel); });
}

void SqliteBrowser::findChannelsOfSender(QByteArray keyHash,
                                         Completion<std::vector<ChannelOwner>> done)
{
    add(std::move(done), [keyHash = std::move(keyHash)](SqliteLists &lists) {
        return lists.findChannelsOfSender(keyHash);
    });
}

void SqliteBrowser::listMessages(MessageQuery query, Completion<MessagePage> done)
{
    add(std::move(done),
        [query = std::move(query)](SqliteLists &lists) { return lists.listMessages(query); });
}

void SqliteBrowser::findMessage(Uaid uaid, SortKey key, WithBody withBody,
                                Completion<std::optional<StoredMessage>> done)
{
    add(std::move(done), [uaid, key, withBody](SqliteLists &lists) {
        return lists.findMessage(uaid, key, withBody);
    });
}

void SqliteBrowser::findTopic(Uaid uaid, ChannelId channel, QByteArray topic, WithBody withBody,
                              Completion<std::optional<StoredMessage>> done)
{
    add(std::move(done), [uaid, channel, topic = std::move(topic), withBody](SqliteLists &lists) {
        return lists.findTopic(uaid, channel, topic, withBody);
    });
}

void SqliteBrowser::overview(Completion<QueueOverview> done)
{
    add(std::move(done), [this](SqliteLists &lists) { return makeOverview(lists); });
}

} // namespace Carillon
