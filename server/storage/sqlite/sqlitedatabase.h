// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/storage/queue/database.h"
#include "server/storage/sqlite/databasefiles.h"
#include "server/storage/sqlite/sqlitecheckpointer.h"
#include "server/storage/sqlite/sqlitewriter.h"

#include <memory>

namespace Carillon {

/// One SQLite file below a storage. Owns: the files, the connection that writes, the thread that
/// makes checkpoints. Thread: as Database.
class SqliteDatabase final : public Database
{
public:
    /// first: a connection to the files as they are; it has read or written already.
    SqliteDatabase(const QString &path, std::unique_ptr<SqliteConnection> first, const Clock &clock,
                   SqliteWriterOptions options);

    WriteConnection &writer() override { return m_writer; }
    [[nodiscard]] bool isReadable() const override;
    /// A connection for whatever purpose. The error is a sentence.
    [[nodiscard]] Result<std::unique_ptr<SqliteConnection>, QString> connect() const
    {
        return m_files.connect();
    }
    Result<std::unique_ptr<ReadConnection>, QString> connectReader() override;
    void addTo(StorageStats &stats) const override;
    Result<void, QString> rememberKeys(const std::vector<std::int64_t> &fingerprints) override;

private:
    const Clock &m_clock;
    // Destroyed from below: the files last, whose connection then copies what is left of the log.
    DatabaseFiles m_files;
    SqliteCheckpointer m_checkpointer;
    SqliteWriter m_writer;
};

} // namespace Carillon
