// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/storage/queue/queuedstorage.h"
#include "server/storage/sqlite/sqlitebrowser.h"
#include "server/storage/storageoptions.h"

#include <cstdint>
#include <vector>

namespace Carillon {

/// Who gives out sort keys (design.md §3.5).
enum class SortKeyOrigin {
    GivenWhenQueued, ///< this process owns all clients and writes: messages can be sent meanwhile
    GivenInTransaction, ///< several processes store into this file
};

/// The options, and what the process knows of its storage.
struct SqliteOptions : StorageOptions
{
    QString path;
    SortKeyOrigin sortKeys = SortKeyOrigin::GivenWhenQueued;
    /// How long the removal of an acknowledged message waits for another write, whose commit it
    /// then shares. A process that is killed meanwhile delivers the message again.
    std::chrono::milliseconds removalWait { 20 };
    /// Writes that may wait: beyond these, messages are refused.
    int maxQueuedWrites = 50'000;
    std::int64_t maxQueuedBytes = 64 << 20;
    int maxQueuedReads = 10'000;
    int readerThreads = 2;
    SqliteBrowserOptions browser;
    /// The same clock as open() is given, if it is to go on from what the database remembers; it
    /// outlives the storage. Null: no time is remembered.
    ServerClock *keptClock = nullptr;
    /// Fingerprints of the crypto keys, to be remembered; empty: nothing is.
    std::vector<std::int64_t> keys;
    /// Whether they may be others than those of the clients' endpoints.
    bool acceptNewKeys = false;
};

/// Storage in one SQLite file, which several processes of one machine may share.
class SqliteStorage final : public QueuedStorage
{
public:
    /// Makes and migrates the file as needed. The error is a sentence for the operator.
    [[nodiscard]] static Result<std::unique_ptr<SqliteStorage>, QString>
    open(const SqliteOptions &options, const Clock &clock);
    /// Of SQLite, such as 3.40.1.
    [[nodiscard]] static QByteArray libraryVersion();

    StorageBrowser &browser() override { return m_browser; }

private:
    /// files: what the base is given as its database.
    SqliteStorage(const SqliteDatabase &files, std::unique_ptr<Database> database,
                  const Clock &clock, const QueuedStorageOptions &options,
                  const SqliteBrowserOptions &browser);

    SqliteBrowser m_browser; // reads what the base owns, so it ends first
};

} // namespace Carillon
