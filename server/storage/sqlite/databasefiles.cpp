// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/databasefiles.h"

#include <QFile>

#include <algorithm>

#include <sys/stat.h>

namespace Carillon {

DatabaseFiles::DatabaseFiles(QString path, std::unique_ptr<SqliteConnection> first,
                             const Deadline &deadline)
    : m_path(std::move(path)), m_deadline(deadline), m_first(std::move(first))
{
    // The database by the name that was configured, which may be a link; the others lie where the
    // link leads.
    const QByteArray resolved = m_first->file();
    m_files = { File { QFile::encodeName(m_path), {} }, File { resolved + "-wal", {} },
                File { resolved + "-shm", {} } };
    for (File &file : m_files)
        file.identity = identify(file.path);
}

std::optional<DatabaseFiles::Identity> DatabaseFiles::identify(const QByteArray &path)
{
    struct stat status
    {
    };
    if (::stat(path.constData(), &status) != 0)
        return std::nullopt;
    return Identity { status.st_dev, status.st_ino };
}

std::optional<QString> DatabaseFiles::misplaced() const
{
    const auto *const found = std::ranges::find_if(
        m_files, [](const File &file) { return identify(file.path) != file.identity; });
    m_wereInPlace = found == m_files.end();
    return found == m_files.end() ? std::nullopt : std::optional(QFile::decodeName(found->path));
}

Result<std::unique_ptr<SqliteConnection>, QString> DatabaseFiles::connect() const
{
    // Before: to open is to make a log. After: it may have been exchanged meanwhile.
    if (const auto file = misplaced())
        return Unexpected(misplacedText(*file));
    auto opened = SqliteConnection::open(m_path);
    if (!opened)
        return opened;
    if (const auto file = misplaced())
        return Unexpected(misplacedText(*file));
    (*opened)->setDeadline(m_deadline);
    return opened;
}

QString DatabaseFiles::logPath() const
{
    return QFile::decodeName(m_files[1].path);
}

QString misplacedText(const QString &file)
{
    return QStringLiteral("%1 is not the file that was opened: it was moved, removed or replaced. "
                          "Nothing is stored until that file is back or the server is restarted")
        .arg(file);
}

} // namespace Carillon
