// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/databaseinspection.h"

#include "server/storage/sqlite/sqliteconnection.h"
#include "server/storage/sqlite/sqliteschema.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace Carillon {

namespace {

const QString OtherKeys = QStringLiteral("the keys configured (keys.crypto_keys) are others");

bool isWritable(const QString &path)
{
    return ::access(QFile::encodeName(path).constData(), W_OK | X_OK) == 0;
}

/// Whether makeDatabaseFile() would succeed.
Result<void, QString> checkPlace(const QString &path)
{
    const QString directory = QFileInfo(path).absolutePath();
    QString existing = directory;
    while (!QFileInfo::exists(existing) && existing != QFileInfo(existing).absolutePath())
        existing = QFileInfo(existing).absolutePath();
    if (QFileInfo(existing).isDir() && isWritable(existing))
        return {};
    return Unexpected(existing == directory && QFileInfo(existing).isDir()
                          ? QStringLiteral("The directory %1 cannot be written: %2")
                                .arg(directory, qt_error_string(EACCES))
                          : QStringLiteral("The directory %1 cannot be created.").arg(directory));
}

} // namespace

Result<DatabaseState, QString> inspectDatabase(const QString &path)
{
    CARILLON_TRY_VOID(checkPlace(path));
    if (!QFileInfo::exists(path))
        return DatabaseState {};
    if (::access(QFile::encodeName(path).constData(), R_OK | W_OK) != 0)
        return Unexpected(QStringLiteral("The database %1 cannot be opened: %2")
                              .arg(path, qt_error_string(errno)));
    const auto opened = SqliteConnection::openToInspect(path);
    if (!opened)
        return Unexpected(
            QStringLiteral("The database %1 cannot be opened: %2").arg(path, opened.error()));
    CARILLON_TRY(const auto version, checkSchema(**opened, path));
    return version == 0 ? DatabaseState {} : readState(**opened, path);
}

Result<DatabaseState, QString> readState(SqliteConnection &connection, const QString &path)
{
    const auto failed = [&] {
        return Unexpected(
            QStringLiteral("The database %1 cannot be used: %2").arg(path, connection.errorText()));
    };
    DatabaseState state;
    {
        auto rows = connection.run(SqliteStatement::ClientExists);
        if (!rows || !rows->next())
            return failed();
        state.hasClients = rows->integer(0) != 0;
    }
    auto rows = connection.run(SqliteStatement::KeysFind);
    if (!rows)
        return failed();
    while (rows->next())
        state.keys.push_back(rows->integer(0));
    return state;
}

QString keysLostMessage(const QString &path, const QString &what)
{
    return QStringLiteral(
               "The keys of the database %1 are lost: it has clients, and %2. The endpoints of "
               "these clients do not work without the keys that they were made with. Restore the "
               "keys from a backup, and all endpoints work as before; or start once with "
               "--accept-new-keys, which makes all existing endpoints invalid for good")
        .arg(path, what);
}

bool areKeysLost(const DatabaseState &state, const std::vector<std::int64_t> &keys)
{
    return state.hasClients && !state.keys.empty()
        && std::ranges::find_first_of(state.keys, keys) == state.keys.end();
}

Result<void, QString> rememberKeys(SqliteConnection &connection, const QString &path,
                                   const std::vector<std::int64_t> &keys, bool acceptNewKeys)
{
    CARILLON_TRY(const auto state, readState(connection, path));
    if (state.keys == keys)
        return {};
    if (!acceptNewKeys && areKeysLost(state, keys))
        return Unexpected(keysLostMessage(path, OtherKeys));
    const auto write = [&] {
        if (!connection.run(SqliteStatement::TransactionBeginWrite)
            || !connection.run(SqliteStatement::KeysRemove))
            return false;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (!connection.run(SqliteStatement::KeyAdd, static_cast<int>(i), keys[i]))
                return false;
        }
        return connection.run(SqliteStatement::TransactionCommit).has_value();
    };
    if (write())
        return {};
    const QString why = connection.errorText();
    static_cast<void>(connection.run(SqliteStatement::TransactionRollback));
    return Unexpected(QStringLiteral("The database %1 cannot be written: %2").arg(path, why));
}

Result<void, QString> rememberKeys(const QString &path, const std::vector<std::int64_t> &keys)
{
    const auto opened = SqliteConnection::open(path);
    if (!opened)
        return Unexpected(
            QStringLiteral("The database %1 cannot be opened: %2").arg(path, opened.error()));
    return rememberKeys(**opened, path, keys, false);
}

} // namespace Carillon
