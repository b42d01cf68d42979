// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <sqlite3.h>

namespace Carillon {

/// Another program's look at a database file. Thread: the one that made it.
class RawDatabase
{
public:
    explicit RawDatabase(const QString &path)
    {
        if (sqlite3_open(QFile::encodeName(path).constData(), &m_database) == SQLITE_OK)
            sqlite3_busy_timeout(m_database, 5'000);
    }
    ~RawDatabase() { sqlite3_close(m_database); }
    RawDatabase(const RawDatabase &) = delete;
    RawDatabase &operator=(const RawDatabase &) = delete;

    [[nodiscard]] bool run(const char *sql)
    {
        const bool done = sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
        if (!done)
            qWarning("%s", sqlite3_errmsg(m_database));
        return done;
    }
    /// The first column of the first row; -1: there is none.
    [[nodiscard]] qint64 number(const char *sql)
    {
        sqlite3_stmt *statement = nullptr;
        qint64 found = -1;
        if (sqlite3_prepare_v2(m_database, sql, -1, &statement, nullptr) == SQLITE_OK
            && sqlite3_step(statement) == SQLITE_ROW)
            found = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        return found;
    }
    /// The same as text; null: there is none.
    [[nodiscard]] QByteArray text(const QByteArray &sql)
    {
        sqlite3_stmt *statement = nullptr;
        QByteArray found;
        if (sqlite3_prepare_v2(m_database, sql.constData(), -1, &statement, nullptr) == SQLITE_OK
            && sqlite3_step(statement) == SQLITE_ROW)
            found = reinterpret_cast<const char *>(sqlite3_column_text(statement, 0));
        sqlite3_finalize(statement);
        return found;
    }
    /// Whether it is one statement that fits the tables.
    [[nodiscard]] bool canPrepare(const QByteArray &sql)
    {
        sqlite3_stmt *statement = nullptr;
        const char *rest = nullptr;
        const int code = sqlite3_prepare_v2(m_database, sql.constData(), -1, &statement, &rest);
        sqlite3_finalize(statement);
        return code == SQLITE_OK && QByteArray(rest).trimmed().isEmpty();
    }

private:
    sqlite3 *m_database = nullptr;
};

} // namespace Carillon
