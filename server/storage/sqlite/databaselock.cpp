// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/databaselock.h"

#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace Carillon {

namespace {

QByteArray lockPath(const QString &databasePath)
{
    // Whatever links lead there.
    const QString real = QFileInfo(databasePath).canonicalFilePath();
    return QFile::encodeName(real.isEmpty() ? databasePath : real) + "-lock";
}

Result<void, QString> lock(int descriptor, const QString &databasePath, DatabaseLock::Use use)
{
    const bool alone = use == DatabaseLock::Use::Alone;
    if (::flock(descriptor, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
        return {};
    if (errno != EWOULDBLOCK)
        return Unexpected(QStringLiteral("The lock of the database %1 cannot be taken: %2")
                              .arg(databasePath, qt_error_string(errno)));
    return Unexpected(
        alone ? QStringLiteral("The database %1 is in use by another server. A server with role "
                               "all does not share its database; use the roles connect and "
                               "endpoint to run several processes over one database")
                    .arg(databasePath)
              : QStringLiteral("The database %1 is in use by a server with role all, which has it "
                               "for itself")
                    .arg(databasePath));
}

} // namespace

Result<DatabaseLock, QString> DatabaseLock::take(const QString &databasePath, Use use)
{
    const int descriptor =
        ::open(lockPath(databasePath).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return Unexpected(QStringLiteral("The lock of the database %1 cannot be created: %2")
                              .arg(databasePath, qt_error_string(errno)));
    DatabaseLock taken(descriptor);
    CARILLON_TRY_VOID(lock(descriptor, databasePath, use));
    return taken;
}

Result<void, QString> DatabaseLock::check(const QString &databasePath, Use use)
{
    const int descriptor = ::open(lockPath(databasePath).constData(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return {};
    const DatabaseLock probe(descriptor);
    return lock(descriptor, databasePath, use);
}

DatabaseLock::DatabaseLock(DatabaseLock &&other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

DatabaseLock &DatabaseLock::operator=(DatabaseLock &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

DatabaseLock::~DatabaseLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace Carillon
