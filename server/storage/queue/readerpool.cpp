// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/readerpool.h"

#include "core/base/log.h"
#include "core/base/threadname.h"
#include "server/storage/queue/database.h"

#include <utility>

namespace Carillon {

namespace {

void fail(Read &read)
{
    std::visit([](auto &what) { what.done(Unexpected(ErrorCode::StorageUnavailable)); }, read);
}

} // namespace

ReaderPool::ReaderPool(Database &database, ReaderPoolOptions options)
    : m_database(database), m_options(options)
{
    for (int i = 0; i < m_options.threads; ++i)
        m_threads.emplace_back([this] { run(); });
}

ReaderPool::~ReaderPool()
{
    {
        const MutexLock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notifyAll();
    for (std::thread &thread : m_threads)
        thread.join();
    for (Read &read : m_queue)
        fail(read);
}

void ReaderPool::add(Read read)
{
    {
        const MutexLock lock(m_mutex);
        if (!m_stopping && m_queue.size() < m_options.maxQueued) {
            m_queue.push_back(std::move(read));
            m_wake.notifyOne();
            return;
        }
    }
    fail(read);
}

std::size_t ReaderPool::queued() const
{
    const MutexLock lock(m_mutex);
    return m_queue.size();
}

void ReaderPool::run()
{
    nameThisThread(m_options.threadName);
    std::unique_ptr<ReadConnection> connection;
    while (auto read = take()) {
        if (!answer(connection, *read))
            fail(*read);
    }
}

/// Waits for a read; nullopt: the pool stops.
std::optional<Read> ReaderPool::take()
{
    MutexLock lock(m_mutex);
    while (!m_stopping && m_queue.empty())
        m_wake.wait(lock);
    if (m_stopping)
        return std::nullopt;
    std::optional<Read> read(std::move(m_queue.front()));
    m_queue.pop_front();
    return read;
}

bool ReaderPool::answer(std::unique_ptr<ReadConnection> &connection, Read &read)
{
    if (!m_database.isReadable())
        return false;
    if (!connection) {
        auto connected = m_database.connectReader();
        if (!connected) {
            failed(connected.error());
            return false;
        }
        connection = std::move(*connected);
    }
    if (!connection->answer(read)) {
        failed(connection->failureText());
        connection.reset();
        return false;
    }
    if (m_outages.works())
        qCInfo(lcStorage, "the database can be read again");
    return true;
}

void ReaderPool::failed(const QString &why)
{
    if (const auto leftOut = m_outages.failed())
        qCWarning(lcStorage, "the database cannot be read: %s%s", qPrintable(why),
                  leftOutText(*leftOut).constData());
}

} // namespace Carillon
