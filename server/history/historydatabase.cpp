// SPDX-License-Identifier: MPL-2.0
#include "server/history/historydatabase.h"

#include <QDir>
#include <QFile>

#include <sqlite3.h>

#include <utility>

// The resources of a static library are linked only where they are asked for by name; the macro has
// to stand outside of every namespace.
static void loadHistoryResources()
{
    static const bool loaded = [] {
        Q_INIT_RESOURCE(carillon_sql_history);
        return true;
    }();
    Q_UNUSED(loaded)
}

namespace Carillon {

namespace {

/// Another program may look into the file with a lock.
constexpr int PatienceMs = 1'000;

QByteArrayView fileNameOf(HistoryStatement statement)
{
    switch (statement) {
#define CARILLON_STATEMENT(enumerator, file)                                                       \
    case HistoryStatement::enumerator:                                                             \
        return file;
        CARILLON_HISTORY_STATEMENTS(CARILLON_STATEMENT)
#undef CARILLON_STATEMENT
    }
    return {};
}

QString pathOf(HistoryStatement statement)
{
    return QStringLiteral("queries/") + QString::fromLatin1(fileNameOf(statement));
}

QString textOf(const QString &path)
{
    loadHistoryResources();
    QFile file(QStringLiteral(":/sql/history/%1.sql").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QString::fromUtf8(file.readAll());
}

HistoryFault faultOf(int code)
{
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: // a table is missing
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return HistoryFault::Corrupt;
    default:
        return HistoryFault::Disk;
    }
}

void bind(sqlite3_stmt *statement, int place, const HistoryValue &value)
{
    struct Binder
    {
        sqlite3_stmt *statement;
        int place;
        void operator()(std::monostate) const { sqlite3_bind_null(statement, place); }
        void operator()(std::int64_t number) const { sqlite3_bind_int64(statement, place, number); }
        void operator()(const HistoryBlob &blob) const
        {
            sqlite3_bind_blob64(statement, place, blob.bytes.data(),
                                static_cast<sqlite3_uint64>(blob.bytes.size()), SQLITE_STATIC);
        }
        void operator()(const HistoryText &text) const
        {
            sqlite3_bind_text64(statement, place, text.utf8.data(),
                                static_cast<sqlite3_uint64>(text.utf8.size()), SQLITE_STATIC,
                                SQLITE_UTF8);
        }
    };
    std::visit(Binder { statement, place }, value);
}

} // namespace

QStringList historySchemaSteps()
{
    loadHistoryResources();
    QStringList steps;
    for (const QString &file : QDir(QStringLiteral(":/sql/history/schema")).entryList(QDir::Files))
        steps.push_back(QStringLiteral("schema/") + file.chopped(4));
    return steps;
}

HistoryRows::HistoryRows(HistoryRows &&other) noexcept
    : m_statement(std::exchange(other.m_statement, nullptr)), m_state(other.m_state),
      m_isBeforeFirst(other.m_isBeforeFirst)
{
}

HistoryRows::~HistoryRows()
{
    if (!m_statement)
        return;
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

Result<bool, HistoryFault> HistoryRows::next()
{
    if (!std::exchange(m_isBeforeFirst, false) && m_state == SQLITE_ROW)
        m_state = sqlite3_step(m_statement);
    if (m_state != SQLITE_ROW && m_state != SQLITE_DONE)
        return Unexpected(faultOf(m_state));
    return m_state == SQLITE_ROW;
}

bool HistoryRows::isNull(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::int64_t HistoryRows::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

QByteArray HistoryRows::bytes(int column) const
{
    // In this order: sqlite.org/c3ref/column_blob.html.
    const auto *const data = static_cast<const char *>(sqlite3_column_blob(m_statement, column));
    return { data, sqlite3_column_bytes(m_statement, column) };
}

void HistoryDatabase::Finalize::operator()(sqlite3_stmt *statement) const
{
    sqlite3_finalize(statement);
}

void HistoryDatabase::Close::operator()(sqlite3 *database) const
{
    sqlite3_close(database);
}

Result<std::unique_ptr<HistoryDatabase>, HistoryFault> HistoryDatabase::open(const QString &path)
{
    std::unique_ptr<HistoryDatabase> opened(new HistoryDatabase);
    sqlite3 *database = nullptr;
    const int code = sqlite3_open_v2(QFile::encodeName(path).constData(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    opened->m_database.reset(database);
    if (code != SQLITE_OK)
        return Unexpected(opened->failed(code));
    sqlite3_busy_timeout(database, PatienceMs);
    return opened;
}

HistoryDatabase::~HistoryDatabase() = default;

Result<HistoryRows, HistoryFault> HistoryDatabase::run(HistoryStatement statement,
                                                       std::initializer_list<HistoryValue> values)
{
    Statement &prepared = m_statements[static_cast<std::size_t>(statement)];
    if (!prepared) {
        CARILLON_TRY(prepared, prepare(textOf(pathOf(statement))));
    }
    int place = 0;
    for (const HistoryValue &value : values)
        bind(prepared.get(), ++place, value);
    // The first step does all that the statement changes.
    const int code = sqlite3_step(prepared.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        const HistoryFault fault = failed(code);
        sqlite3_reset(prepared.get());
        sqlite3_clear_bindings(prepared.get());
        return Unexpected(fault);
    }
    return HistoryRows(prepared.get(), code);
}

Result<void, HistoryFault> HistoryDatabase::runFile(const QString &path)
{
    const QByteArray text = textOf(path).toUtf8();
    const int code = sqlite3_exec(m_database.get(), text.constData(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return Unexpected(failed(code));
    return {};
}

Result<void, HistoryFault> HistoryDatabase::runFile(HistoryStatement statement)
{
    return runFile(pathOf(statement));
}

Result<HistoryDatabase::Statement, HistoryFault> HistoryDatabase::prepare(const QString &text)
{
    const QByteArray utf8 = text.toUtf8();
    sqlite3_stmt *statement = nullptr;
    const int code =
        sqlite3_prepare_v3(m_database.get(), utf8.constData(), static_cast<int>(utf8.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK)
        return Unexpected(failed(code));
    return Statement(statement);
}

HistoryFault HistoryDatabase::failed(int code)
{
    m_errorText = QString::fromUtf8(sqlite3_errmsg(m_database.get()));
    return faultOf(code);
}

} // namespace Carillon
