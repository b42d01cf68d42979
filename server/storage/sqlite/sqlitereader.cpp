// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitereaders.h"

#include "core/base/log.h"
#include "core/base/threadname.h"
#include "server/storage/sqlite/sqlitewrites.h"

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

SqliteStatement statementFor(FetchRequest::Which which)
{
    switch (which) {
    case FetchRequest::Which::All:
        return SqliteStatement::MessagesFetchAll;
    case FetchRequest::Which::Topics:
        return SqliteStatement::MessagesFetchTopics;
    case FetchRequest::Which::Plain:
        return SqliteStatement::MessagesFetchPlain;
    }
    return SqliteStatement::MessagesFetchAll;
}

Notification readMessage(const SqliteRows &rows, const Uaid &uaid, SortKey key)
{
    Notification message;
    message.uaid = uaid;
    message.sortKey = key;
    message.channelId = rows.id<ChannelId>(1);
    message.topic = rows.bytes(2);
    message.urgency = static_cast<Urgency>(rows.integer(3));
    message.ttl = std::chrono::seconds(rows.integer(4));
    message.accepted = rows.time(5);
    message.encoding = static_cast<Encoding>(rows.integer(6));
    message.encryption = rows.bytes(7);
    message.cryptoKey = rows.bytes(8);
    message.senderKeyHash = rows.bytes(9);
    message.reliabilityId = rows.bytes(10);
    message.body = rows.bytes(11);
    message.idKey = KeyMark { static_cast<std::uint32_t>(rows.integer(12)) };
    return message;
}

void fail(Read &read)
{
    std::visit([](auto &what) { what.done(Unexpected(ErrorCode::StorageUnavailable)); }, read);
}

Result<std::unique_ptr<SqliteConnection>, QString> connectReader(const DatabaseFiles &files)
{
    auto opened = files.connect();
    if (opened && !(*opened)->runFile(SqliteStatement::ReaderSetup))
        return Unexpected((*opened)->errorText());
    return opened;
}

} // namespace

SqliteReaders::SqliteReaders(const DatabaseFiles &files, const Clock &clock, int threads,
                             std::size_t maxQueued)
    : m_files(files), m_clock(clock), m_maxQueued(maxQueued)
{
    for (int i = 0; i < threads; ++i)
        m_threads.emplace_back([this] { run(); });
}

SqliteReaders::~SqliteReaders()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    for (std::thread &thread : m_threads)
        thread.join();
    for (Read &read : m_queue)
        fail(read);
}

void SqliteReaders::add(Read read)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_stopping && m_queue.size() < m_maxQueued) {
            m_queue.push_back(std::move(read));
            m_wake.notify_one();
            return;
        }
    }
    fail(read);
}

std::size_t SqliteReaders::queued() const
{
    const std::lock_guard lock(m_mutex);
    return m_queue.size();
}

void SqliteReaders::run()
{
    nameThisThread("sqlite-reader");
    std::unique_ptr<SqliteConnection> connection;
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait(lock, [this] { return m_stopping || !m_queue.empty(); });
        if (m_stopping)
            return;
        Read read = std::move(m_queue.front());
        m_queue.pop_front();
        lock.unlock();

        if (!areFilesInPlace()) { // the writer says so in the log
            fail(read);
            lock.lock();
            continue;
        }
        if (!connection) {
            if (auto opened = connectReader(m_files))
                connection = std::move(*opened);
            else
                failed(opened.error());
        }
        const bool answered =
            connection && std::visit([&](auto &what) { return answer(*connection, what); }, read);
        if (answered) {
            succeeded();
        } else {
            if (connection)
                failed(connection->errorText());
            connection.reset();
            fail(read);
        }
        lock.lock();
    }
}

void SqliteReaders::succeeded()
{
    if (m_outages.works())
        qCInfo(lcStorage, "the database can be read again");
}

void SqliteReaders::failed(const QString &why)
{
    if (const auto leftOut = m_outages.failed())
        qCWarning(lcStorage, "the database cannot be read: %s%s", qPrintable(why),
                  leftOutText(*leftOut).constData());
}

/// The writer looks at each batch; after it has missed one, whoever comes looks again.
bool SqliteReaders::areFilesInPlace() const
{
    return m_files.wereInPlace() || !m_files.misplaced();
}

bool SqliteReaders::answer(SqliteConnection &connection, FindClient &read)
{
    // One snapshot for the client and its channels.
    if (!connection.run(SqliteStatement::TransactionBeginRead))
        return false;
    std::optional<ClientRecord> record;
    {
        auto rows = connection.run(SqliteStatement::ClientFind, read.uaid);
        if (!rows)
            return false;
        if (rows->next())
            record = readClient(*rows, read.uaid);
        else if (rows->failure())
            return false;
    }
    if (record && !readChannels(connection, *record))
        return false;
    if (!connection.run(SqliteStatement::TransactionCommit))
        return false;
    read.done(std::move(record));
    return true;
}

bool SqliteReaders::answer(SqliteConnection &connection, FindRoute &read)
{
    std::optional<Route> route;
    {
        auto rows = connection.run(SqliteStatement::RouteFind, read.channel, read.uaid);
        if (!rows)
            return false;
        if (rows->next())
            route = Route { rows->bytes(0), NodeId(rows->bytes(1)), rows->integer(2),
                            rows->integer(3) != 0 };
        else if (rows->failure())
            return false;
    }
    read.done(std::move(route));
    return true;
}

bool SqliteReaders::answer(SqliteConnection &connection, FetchMessages &read)
{
    const FetchRequest &request = read.request;
    // One more than asked says whether there are more.
    const std::int64_t limit =
        std::int64_t { request.limit } + 1 + static_cast<std::int64_t>(read.removed.size());
    FetchPage page;
    {
        auto rows = connection.run(statementFor(request.which), request.uaid, request.after,
                                   m_clock.now(), static_cast<int>(request.minimumUrgency), limit);
        if (!rows)
            return false;
        std::int64_t bytes = 0;
        while (rows->next()) {
            const SortKey key { rows->integer(0) };
            if (std::find(read.removed.begin(), read.removed.end(), key) != read.removed.end())
                continue;
            Notification message = readMessage(*rows, request.uaid, key);
            bytes += message.body.size();
            const bool fits = page.messages.empty() || bytes <= request.maxBytes;
            if (!fits || std::cmp_greater_equal(page.messages.size(), request.limit)) {
                page.more = true;
                break;
            }
            page.messages.push_back(std::move(message));
        }
        if (!page.more && rows->failure())
            return false;
    }
    read.done(std::move(page));
    return true;
}

bool SqliteReaders::answer(SqliteConnection &connection, FindNews &read)
{
    // One snapshot for all: that is cheaper than one for each.
    if (!connection.run(SqliteStatement::TransactionBeginRead))
        return false;
    std::vector<ClientNews> news;
    for (const Uaid &uaid : read.uaids) {
        auto rows = connection.run(SqliteStatement::ClientFindNews, uaid, read.node.url());
        if (!rows)
            return false;
        if (rows->next())
            news.push_back(
                { uaid, NodeId(rows->bytes(0)), rows->integer(1), SortKey { rows->integer(2) } });
        else if (rows->failure())
            return false;
    }
    if (!connection.run(SqliteStatement::TransactionCommit))
        return false;
    read.done(std::move(news));
    return true;
}

} // namespace Carillon
