// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/serverclock.h"
#include "core/storage/storage.h"
#include "server/settings/keystore.h"
#include "server/storage/sqlite/databaselock.h"

#include <functional>
#include <memory>

namespace Carillon {

class AdminStore;
class DurableStorage;
class Metrics;
class ReliabilityStore;

/// Of the library in use.
[[nodiscard]] QByteArray sqliteVersion();

/// The storage that the settings name, with what a database needs besides: its lock, its clock, its
/// keys and its figures. In memory, nothing of that exists.
/// Owns: the storage and the lock. Thread: main; the storage itself, any.
class ServerStorage
{
public:
    /// Opens it. The error is a sentence for the operator. The clock outlives it.
    [[nodiscard]] static Result<ServerStorage, QString> open(const Settings &settings,
                                                             ServerClock &clock);
    ServerStorage();
    ServerStorage(ServerStorage &&) noexcept;
    ServerStorage &operator=(ServerStorage &&) noexcept;
    ~ServerStorage();

    /// Precondition: open.
    [[nodiscard]] Storage &storage() const { return *m_storage; }
    /// Tokens and audit log of the admin API. Precondition: open.
    [[nodiscard]] AdminStore &adminStore() const { return *m_adminStore; }

    /// Of the same storage. Precondition: open.
    [[nodiscard]] ReliabilityStore &timelines() const { return *m_timelines; }

    // Without effect on a storage in memory.

    /// Has the database remember server time.
    void keepClock();
    /// From this time on nothing waits for another process that holds the database.
    void finishBy(Instant when);
    void publishStats(Metrics &metrics) const;
    /// Has the database remember new crypto keys. The error is a sentence for the operator.
    [[nodiscard]] Result<void, QString> remember(const Settings::Keys &keys);
    /// Writes what is queued, answers what is open and closes.
    void close();

private:
    DatabaseLock m_lock;
    std::unique_ptr<ReliabilityStore> m_timelinesInMemory; // null where the database has them
    std::unique_ptr<Storage> m_storage;
    std::unique_ptr<AdminStore> m_adminStore;
    ReliabilityStore *m_timelines = nullptr;
    DurableStorage *m_database = nullptr; // m_storage, if it is that
};

} // namespace Carillon
