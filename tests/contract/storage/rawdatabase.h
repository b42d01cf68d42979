// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>

#include <utility>

namespace Carillon {

/// Another program's look at a database file. Thread: the one that made it.
class RawDatabase
{
public:
    explicit RawDatabase(const QString &path)
    {
        m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("raw"));
        m_database.setDatabaseName(path);
        m_database.open();
    }
    ~RawDatabase()
    {
        m_database.close();
        m_database = QSqlDatabase();
        QSqlDatabase::removeDatabase(QStringLiteral("raw"));
    }
    RawDatabase(const RawDatabase &) = delete;
    RawDatabase &operator=(const RawDatabase &) = delete;

    [[nodiscard]] bool run(const char *sql)
    {
        QSqlQuery query(m_database);
        const bool done = query.exec(QString::fromLatin1(sql));
        if (!done)
            qWarning("%s", qPrintable(query.lastError().text()));
        return done;
    }
    [[nodiscard]] qint64 number(const char *sql)
    {
        QSqlQuery query(m_database);
        if (!query.exec(QString::fromLatin1(sql)) || !query.next())
            return -1;
        return query.value(0).toLongLong();
    }

private:
    QSqlDatabase m_database;
};

} // namespace Carillon
