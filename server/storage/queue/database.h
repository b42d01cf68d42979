// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/serverclock.h"
#include "core/storage/durablestorage.h"
#include "server/storage/queue/deadline.h"
#include "server/storage/queue/read.h"
#include "server/storage/queue/write.h"

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace Carillon {

// What a backend has to provide below a QueuedStorage: its statements, its connections and how they
// fail. Everything else (order, batches, what is tried again, acks, threads) is this folder's.

/// Why a transaction, or a part of it, failed: what becomes of its batch depends on it
/// (BatchWriter).
enum class WriteFailure {
    BrokenRule, ///< one write is at fault: the others may succeed without it
    Busy, ///< nothing can be written for the moment
    NoRoom, ///< the disk is full, or fails: what only takes away may still succeed
    Broken, ///< as NoRoom; a connection that cannot take away either is of no more use
};

/// Transactions that write, one after the other over one connection.
/// Thread: the writer's, which makes and ends the connection.
class WriteConnection
{
public:
    using Done = Result<void, WriteFailure>;

    WriteConnection() = default;
    virtual ~WriteConnection() = default;
    WriteConnection(const WriteConnection &) = delete;
    WriteConnection &operator=(const WriteConnection &) = delete;

    /// Connects, unless that is done. The error is a sentence.
    [[nodiscard]] virtual Result<void, QString> connect() = 0;
    virtual void disconnect() = 0;

    /// A failure leaves no transaction open.
    [[nodiscard]] virtual Done begin() = 0;
    /// A success means that it survives what the settings promise.
    [[nodiscard]] virtual Done commit() = 0;
    /// Also after the database has rolled back itself.
    virtual void rollBack() = 0;
    // A part of a transaction that can be undone alone.
    [[nodiscard]] virtual Done beginSavepoint() = 0;
    [[nodiscard]] virtual Done rollBackToSavepoint() = 0;
    [[nodiscard]] virtual Done releaseSavepoint() = 0;

    /// Before the first write of a batch; now: the time of all of them.
    [[nodiscard]] virtual Done prepare(Time now) = 0;
    /// Does a write; if it could run, its outcome is set, whatever that is.
    [[nodiscard]] virtual Done apply(Write &write) = 0;
    /// After the last write of a batch: what has to be so for its commit to count.
    [[nodiscard]] virtual Done conclude() = 0;

    /// Up to where sort keys are reserved, as this transaction sees it; no other transaction
    /// changes it until this one is over.
    [[nodiscard]] virtual Result<std::int64_t, WriteFailure> reservedKeys() = 0;
    [[nodiscard]] virtual Done setReservedKeys(std::int64_t upTo) = 0;

    /// Joins in a leap of server time that another process has made.
    [[nodiscard]] virtual Done followClock(ServerClock &clock) = 0;
    /// Writes the clock's mark. If a leap is due, redates what it concerns and gives the leap: it
    /// is the caller's to make it once the transaction is committed.
    [[nodiscard]] virtual Result<std::optional<ClockLeap>, WriteFailure>
    keepClock(ServerClock &clock) = 0;

    /// What the database said of the last failure; it holds no values.
    [[nodiscard]] virtual QByteArray failureText() const = 0;

    /// After NoRoom and Broken, before removals are tried alone: gains what room it can.
    virtual void makeRoom() = 0;
    /// After a batch was committed and its callers know.
    virtual void keepUp() = 0;
};

/// Answers reads, one after the other over one connection. Thread: the reader's that made it.
class ReadConnection
{
public:
    ReadConnection() = default;
    virtual ~ReadConnection() = default;
    ReadConnection(const ReadConnection &) = delete;
    ReadConnection &operator=(const ReadConnection &) = delete;

    /// Completes a read with what is committed. Whether it could; if not, the read is not
    /// completed, and the connection is of no more use.
    [[nodiscard]] virtual bool answer(Read &read) = 0;
    /// What the database said of the last failure; it holds no values.
    [[nodiscard]] virtual QString failureText() const = 0;
};

/// A database below a QueuedStorage. Owns: what its connections share; it outlives them.
/// Thread: any.
class Database
{
public:
    Database() = default;
    virtual ~Database() = default;
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    /// The connection that writes.
    [[nodiscard]] virtual WriteConnection &writer() = 0;

    /// Whether anything may be read at all. If not, the writer's log line says why.
    [[nodiscard]] virtual bool isReadable() const = 0;
    /// A connection that reads. The error is a sentence.
    [[nodiscard]] virtual Result<std::unique_ptr<ReadConnection>, QString> connectReader() = 0;

    /// Adds what only the database knows.
    virtual void addTo(StorageStats &stats) const = 0;
    /// DurableStorage::rememberKeys().
    [[nodiscard]] virtual Result<void, QString>
    rememberKeys(const std::vector<std::int64_t> &fingerprints) = 0;

    /// No connection waits for others beyond this.
    void finishBy(Instant when) { m_deadline.set(when); }

protected:
    [[nodiscard]] const Deadline &deadline() const { return m_deadline; }

private:
    Deadline m_deadline;
};

} // namespace Carillon
