// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/databasefill.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include <sqlite3.h>

namespace Carillon::Bench {
namespace {

struct CloseDatabase
{
    void operator()(sqlite3 *database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

Unexpected<std::string> failed(sqlite3 *database)
{
    return Unexpected(std::string("the database cannot be filled: ") + sqlite3_errmsg(database));
}

/// Runs the statements of a text, with the values ?1 and ?2 where they have them.
Result<void, std::string> runAll(sqlite3 *database, const std::string &text, std::int64_t first,
                                 std::int64_t second)
{
    const char *rest = text.c_str();
    while (*rest != '\0') {
        sqlite3_stmt *statement = nullptr;
        if (sqlite3_prepare_v2(database, rest, -1, &statement, &rest) != SQLITE_OK)
            return failed(database);
        if (!statement)
            continue;
        const int values = sqlite3_bind_parameter_count(statement);
        if (values > 0)
            sqlite3_bind_int64(statement, 1, first);
        if (values > 1)
            sqlite3_bind_int64(statement, 2, second);
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW)
            code = sqlite3_step(statement);
        sqlite3_finalize(statement);
        if (code != SQLITE_DONE)
            return failed(database);
    }
    return {};
}

/// The first column of all rows.
std::vector<std::string> texts(sqlite3 *database, const std::string &query)
{
    std::vector<std::string> found;
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v2(database, query.c_str(), -1, &statement, nullptr) != SQLITE_OK)
        return found;
    while (sqlite3_step(statement) == SQLITE_ROW)
        found.emplace_back(reinterpret_cast<const char *>(sqlite3_column_text(statement, 0)));
    sqlite3_finalize(statement);
    return found;
}

std::string first(sqlite3 *database, const std::string &query)
{
    const auto found = texts(database, query);
    return found.empty() ? std::string() : found.front();
}

std::int64_t count(sqlite3 *database, const std::string &statement)
{
    const std::string text = first(database, statement);
    return text.empty() ? 0 : std::stoll(text);
}

std::string readFile(const char *path)
{
    std::ifstream file(path);
    return { std::istreambuf_iterator<char>(file), {} };
}

} // namespace

Result<Filled, std::string> fillDatabase(const std::string &path, int clients)
{
    sqlite3 *opened = nullptr;
    const int code = sqlite3_open(path.c_str(), &opened);
    const Database database(opened);
    if (code != SQLITE_OK)
        return failed(opened);
    const std::string owned = " FROM sqlite_schema WHERE tbl_name IN ('client', 'channel', "
                              "'message') AND sql IS NOT NULL AND type IN ('index', 'trigger')";
    std::string drop;
    std::string make;
    for (const std::string &text : texts(opened, "SELECT 'DROP ' || type || ' ' || name" + owned))
        drop += text + ";";
    for (const std::string &text : texts(opened, "SELECT sql" + owned))
        make += text + ";";
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const std::string fill = readFile(CARILLON_SOURCE_DIR "/tests/bench/fill.sql");
    if (fill.empty())
        return Unexpected(std::string("tests/bench/fill.sql is not there"));
    // The two indexes that filling itself uses are made before the others.
    const std::string helpers = "CREATE INDEX fill_channel ON channel (uaid);"
                                "CREATE INDEX fill_message ON message (uaid);";
    const std::string noHelpers = "DROP INDEX fill_channel; DROP INDEX fill_message;";
    CARILLON_TRY_VOID(runAll(opened,
                             "PRAGMA synchronous = OFF; BEGIN;" + drop + helpers + fill + noHelpers
                                 + make + "COMMIT;",
                             clients, now));
    Filled filled;
    const std::string some = " FROM client WHERE id = " + std::to_string(clients / 2 / 1000 * 1000);
    filled.uaid = first(opened, "SELECT lower(hex(uaid))" + some);
    filled.channel =
        first(opened, "SELECT lower(hex(chid)) FROM channel WHERE uaid = x'" + filled.uaid + "'");
    filled.sender = first(opened,
                          "SELECT lower(hex(key_hash)) FROM channel WHERE key_hash <> x'' "
                          "LIMIT 1");
    filled.clients = count(opened, "SELECT count(*) FROM client");
    filled.messages = count(opened, "SELECT count(*) FROM message");
    return filled;
}

} // namespace Carillon::Bench
