// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqliteschema.h"

#include "core/base/log.h"
#include "server/storage/sqlite/sqliteconnection.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <thread>

namespace Carillon {

namespace {

/// Stamped by the first step.
constexpr std::int64_t ApplicationId = 0x43617269;

Unexpected<QString> failed(const SqliteConnection &connection, const QString &path)
{
    return Unexpected(
        QStringLiteral("The database %1 cannot be used: %2").arg(path, connection.errorText()));
}

/// SQLite answers busy at once, whatever its time-out, where a read lock would have to become a
/// write lock: so it does here while another process that starts too writes the first tables.
Result<void, SqlFailure> switchToWal(SqliteConnection &connection)
{
    constexpr int Attempts = 500;
    constexpr std::chrono::milliseconds Pause { 10 };
    Result<void, SqlFailure> outcome = connection.runFile(SqliteStatement::JournalWal);
    for (int i = 1; i < Attempts && !outcome && outcome.error() == SqlFailure::Busy; ++i) {
        std::this_thread::sleep_for(Pause);
        outcome = connection.runFile(SqliteStatement::JournalWal);
    }
    return outcome;
}

/// 0 for an empty database.
Result<std::int64_t, QString> schemaVersion(SqliteConnection &connection, const QString &path)
{
    {
        auto identity = connection.run(SqliteStatement::DatabaseIdentity);
        if (!identity || !identity->next())
            return failed(connection, path);
        const bool isEmpty = identity->integer(1) == 0;
        if (isEmpty)
            return std::int64_t { 0 };
        if (identity->integer(0) != ApplicationId || identity->integer(2) == 0)
            return Unexpected(
                QStringLiteral("The file %1 is a database of another program.").arg(path));
    }
    auto version = connection.run(SqliteStatement::SchemaVersionFind);
    if (!version || !version->next())
        return failed(connection, path);
    return version->integer(0);
}

/// One step, or nothing if another process has done it meanwhile.
Result<void, QString> apply(SqliteConnection &connection, const QString &path, const QString &step,
                            std::int64_t number, WallTime now)
{
    if (!connection.run(SqliteStatement::TransactionBeginWrite))
        return failed(connection, path);
    const auto rollBack = [&](Unexpected<QString> error) {
        static_cast<void>(connection.run(SqliteStatement::TransactionRollback));
        return error;
    };
    const auto version = schemaVersion(connection, path);
    if (!version)
        return rollBack(Unexpected(version.error()));
    if (*version >= number)
        return rollBack(Unexpected(QString()));
    if (!connection.runFile(step)
        || !connection.run(SqliteStatement::SchemaVersionStamp, number, now)
        || !connection.run(SqliteStatement::TransactionCommit))
        return rollBack(failed(connection, path));
    return {};
}

} // namespace

Result<void, QString> makeDatabaseFile(const QString &path)
{
    const QFileInfo info(path);
    const QDir directory = info.absoluteDir();
    if (!directory.exists()) {
        QDir parent(QFileInfo(directory.path()).absolutePath());
        if (!parent.mkpath(QStringLiteral("."))
            || !parent.mkdir(directory.dirName(),
                             QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
            return Unexpected(
                QStringLiteral("The directory %1 cannot be created.").arg(directory.path()));
    }
    QFile file(path);
    if (file.exists())
        return {};
    // SQLite gives its journal files the permissions of the database.
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFile::ReadOwner | QFile::WriteOwner)
        && !file.exists())
        return Unexpected(
            QStringLiteral("The database %1 cannot be created: %2").arg(path, file.errorString()));
    return {};
}

Result<std::int64_t, QString> checkSchema(SqliteConnection &connection, const QString &path)
{
    auto version = schemaVersion(connection, path);
    const qsizetype known = schemaSteps().size();
    if (version && *version > known)
        return Unexpected(
            QStringLiteral("The database %1 has schema %2, but this version of Carillon "
                           "knows only up to %3: it was used by a newer one.")
                .arg(path)
                .arg(*version)
                .arg(known));
    return version;
}

Result<void, QString> migrate(SqliteConnection &connection, const QString &path, WallTime now)
{
    const QStringList steps = schemaSteps();
    CARILLON_TRY(const auto version, checkSchema(connection, path));
    if (!connection.runFile(SqliteStatement::DatabaseCreate) || !switchToWal(connection))
        return failed(connection, path);
    for (qsizetype step = version; step < steps.size(); ++step) {
        auto applied = apply(connection, path, steps[step], step + 1, now);
        if (!applied && !applied.error().isEmpty())
            return applied;
    }
    if (version > 0 && version < steps.size())
        qCInfo(lcStorage).noquote()
            << "the database" << path << "went from schema" << version << "to" << steps.size();
    return {};
}

} // namespace Carillon
