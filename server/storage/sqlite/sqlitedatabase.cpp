// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitedatabase.h"

#include "server/storage/sqlite/databaseinspection.h"
#include "server/storage/sqlite/sqlitereader.h"

#include <utility>

namespace Carillon {

SqliteDatabase::SqliteDatabase(const QString &path, std::unique_ptr<SqliteConnection> first,
                               const Clock &clock, SqliteWriterOptions options)
    : m_clock(clock), m_files(path, std::move(first), deadline()),
      m_checkpointer(m_files, options.walLimit),
      m_writer(std::move(options), m_files, clock, m_checkpointer)
{
}

/// What is open while the files are not in their place may not be what counts. The writer looks at
/// each batch; after it has missed one, whoever comes looks again.
bool SqliteDatabase::isReadable() const
{
    return m_files.wereInPlace() || !m_files.misplaced();
}

Result<std::unique_ptr<ReadConnection>, QString> SqliteDatabase::connectReader()
{
    return SqliteReader::connect(m_files, m_clock);
}

void SqliteDatabase::addTo(StorageStats &stats) const
{
    m_writer.addTo(stats);
    stats.checkpoints = m_checkpointer.checkpoints();
}

Result<void, QString> SqliteDatabase::rememberKeys(const std::vector<std::int64_t> &fingerprints)
{
    return Carillon::rememberKeys(m_files.path(), fingerprints);
}

} // namespace Carillon
