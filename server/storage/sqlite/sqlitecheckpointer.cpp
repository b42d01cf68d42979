// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitecheckpointer.h"

#include "core/base/log.h"
#include "core/base/threadname.h"
#include "server/storage/sqlite/databasefiles.h"

namespace Carillon {

namespace {

/// Between two checkpoints: each costs a sync of the database, and pages written meanwhile to the
/// same place are copied once.
constexpr std::chrono::milliseconds Rest { 200 };
constexpr std::int64_t PageSize = 4096;

} // namespace

SqliteCheckpointer::SqliteCheckpointer(const DatabaseFiles &files, std::int64_t walLimit)
    : m_files(files), m_walLimit(walLimit), m_thread([this] { run(); })
{
}

SqliteCheckpointer::~SqliteCheckpointer()
{
    {
        const MutexLock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notifyOne();
    m_thread.join();
}

void SqliteCheckpointer::request()
{
    {
        const MutexLock lock(m_mutex);
        m_requested = true;
    }
    m_wake.notifyOne();
}

void SqliteCheckpointer::restarted()
{
    {
        const MutexLock lock(m_mutex);
        m_restartDue = false;
    }
    m_wake.notifyOne();
}

void SqliteCheckpointer::run()
{
    nameThisThread("sqlite-log");
    std::unique_ptr<SqliteConnection> connection;
    MutexLock lock(m_mutex);
    for (;;) {
        while (!m_stopping && (!m_requested || m_restartDue))
            m_wake.wait(lock);
        if (m_stopping)
            return;
        m_requested = false;
        lock.unlock();
        if (!connection) {
            auto opened = m_files.connect();
            if (!opened)
                failed(opened.error());
            else if (!(*opened)->runFile(SqliteStatement::CheckpointerSetup))
                failed((*opened)->errorText());
            else
                connection = std::move(*opened);
        }
        if (connection)
            checkpoint(*connection);
        lock.lock();
        const Instant rested = std::chrono::steady_clock::now() + Rest;
        while (!m_stopping && m_wake.waitUntil(lock, rested) == std::cv_status::no_timeout) { }
    }
}

void SqliteCheckpointer::checkpoint(SqliteConnection &connection)
{
    // Above the limit, a second time, so that little is left for the writer, which is blocked then.
    for (int round = 0; round < 2; ++round) {
        auto rows = connection.run(SqliteStatement::WalCheckpoint);
        if (!rows || !rows->next()) {
            failed(connection.errorText());
            return;
        }
        if (m_outages.works())
            qCInfo(lcStorage, "the write-ahead log is copied into the database again");
        ++m_checkpoints;
        const std::int64_t pagesInLog = rows->integer(1);
        if (pagesInLog * PageSize <= m_walLimit)
            return;
    }
    m_restartDue = true;
}

/// What is committed stays in the log meanwhile.
void SqliteCheckpointer::failed(const QString &why)
{
    if (const auto leftOut = m_outages.failed())
        qCWarning(lcStorage, "the write-ahead log cannot be copied into the database: %s%s",
                  qPrintable(why), leftOutText(*leftOut).constData());
}

} // namespace Carillon
