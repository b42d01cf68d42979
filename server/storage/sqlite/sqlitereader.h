// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/storage/queue/database.h"
#include "server/storage/sqlite/sqliteconnection.h"

#include <memory>

namespace Carillon {

class DatabaseFiles;

/// How each read becomes statements. Owns: its connection. Thread: the one that made it.
class SqliteReader final : public ReadConnection
{
public:
    /// The error is a sentence. The clock outlives it.
    [[nodiscard]] static Result<std::unique_ptr<ReadConnection>, QString>
    connect(const DatabaseFiles &files, const Clock &clock);

    bool answer(Read &read) override;
    [[nodiscard]] QString failureText() const override { return m_connection->errorText(); }

private:
    using Done = Result<void, SqlFailure>;

    SqliteReader(std::unique_ptr<SqliteConnection> connection, const Clock &clock)
        : m_connection(std::move(connection)), m_clock(clock)
    {
    }
    [[nodiscard]] Done run(FindClient &read);
    [[nodiscard]] Done run(FindRoute &read);
    [[nodiscard]] Done run(FetchMessages &read);
    [[nodiscard]] Done run(FindNews &read);
    [[nodiscard]] Done run(CountStates &read);
    [[nodiscard]] Done run(FindTimeline &read);
    [[nodiscard]] Done run(FindTimelines &read);

    const std::unique_ptr<SqliteConnection> m_connection;
    const Clock &m_clock;
};

} // namespace Carillon
