// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestatement.h"

#include <QDir>
#include <QFile>

// The resources of a static library are linked only where they are asked for by name; the macro has
// to stand outside of every namespace.
static void loadSqlResources()
{
    static const bool loaded = [] {
        Q_INIT_RESOURCE(carillon_sql_sqlite);
        return true;
    }();
    Q_UNUSED(loaded)
}

namespace Carillon {

QByteArrayView fileName(SqliteStatement statement)
{
    switch (statement) {
#define CARILLON_STATEMENT(enumerator, file)                                                       \
    case SqliteStatement::enumerator:                                                              \
        return file;
        CARILLON_SQLITE_STATEMENTS(CARILLON_STATEMENT)
#undef CARILLON_STATEMENT
    }
    return {};
}

QStringList readSql(const QString &path)
{
    loadSqlResources();
    QFile file(QStringLiteral(":/sql/sqlite/%1.sql").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return {};

    QStringList statements;
    QString statement;
    const auto endStatement = [&] {
        if (!statement.isEmpty())
            statements.push_back(statement);
        statement.clear();
    };
    for (const QString &line : QString::fromUtf8(file.readAll()).split(u'\n')) {
        if (line.trimmed().isEmpty())
            endStatement();
        else if (!line.trimmed().startsWith(u"--"))
            statement += line + u'\n';
    }
    endStatement();
    return statements;
}

QStringList schemaSteps()
{
    loadSqlResources();
    QStringList steps;
    for (const QString &file : QDir(QStringLiteral(":/sql/sqlite/schema")).entryList(QDir::Files))
        steps.push_back(QStringLiteral("schema/") + file.chopped(4));
    return steps;
}

} // namespace Carillon
