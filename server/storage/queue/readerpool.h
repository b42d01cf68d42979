// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/storage/queue/outagelog.h"
#include "server/storage/queue/read.h"

#include <QString>

#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace Carillon {

class Database;
class ReadConnection;

struct ReaderPoolOptions
{
    int threads = 2;
    std::size_t maxQueued = 10'000;
    /// As top -H shows them.
    const char *threadName = "reader";
};

/// Threads that answer reads, each on a snapshot of what is committed when its turn comes. A
/// connection that fails is given up; the next read makes another one.
/// Owns: its threads, their connections, the reads until they are completed. Thread: any.
class ReaderPool
{
public:
    ReaderPool(Database &database, ReaderPoolOptions options);
    /// Completes what is still queued as failed.
    ~ReaderPool();
    ReaderPool(const ReaderPool &) = delete;
    ReaderPool &operator=(const ReaderPool &) = delete;

    /// Too many are queued: it is completed as failed.
    void add(Read read);
    [[nodiscard]] std::size_t queued() const;

private:
    void run();
    [[nodiscard]] std::optional<Read> take();
    [[nodiscard]] bool answer(std::unique_ptr<ReadConnection> &connection, Read &read);
    void failed(const QString &why);

    Database &m_database;
    const ReaderPoolOptions m_options;
    mutable Mutex m_mutex;
    Condition m_wake;
    bool m_stopping CARILLON_GUARDED_BY(m_mutex) = false;
    std::deque<Read> m_queue CARILLON_GUARDED_BY(m_mutex);
    OutageLog m_outages;
    std::vector<std::thread> m_threads;
};

} // namespace Carillon
