// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace Carillon {

class SqliteConnection;

/// What a database says of itself before it is used.
struct DatabaseState
{
    bool hasClients = false;
    /// Of the crypto keys that the server last used with it; empty: it does not remember any.
    std::vector<std::int64_t> keys;
};

/// Looks whether a server could use this file, and reads its state. Creates and changes nothing; a
/// file that is missing is an empty database. The error is the sentence with which
/// SqliteStorage::open() would fail.
[[nodiscard]] Result<DatabaseState, QString> inspectDatabase(const QString &path);

[[nodiscard]] Result<DatabaseState, QString> readState(SqliteConnection &connection,
                                                       const QString &path);

/// What to tell an operator who starts a database that has clients without the keys of their
/// endpoints. what: "/…/keys.toml does not exist".
[[nodiscard]] QString keysLostMessage(const QString &path, const QString &what);

/// Remembers the fingerprints of the crypto keys in force. Refused, unless accepted, where the
/// database has clients and remembers other keys only: none of their endpoints could be opened.
[[nodiscard]] Result<void, QString> rememberKeys(SqliteConnection &connection, const QString &path,
                                                 const std::vector<std::int64_t> &keys,
                                                 bool acceptNewKeys);
/// The same over a connection of its own, for a change at run time.
[[nodiscard]] Result<void, QString> rememberKeys(const QString &path,
                                                 const std::vector<std::int64_t> &keys);

/// Whether a server with these keys could open none of the endpoints.
[[nodiscard]] bool areKeysLost(const DatabaseState &state, const std::vector<std::int64_t> &keys);

} // namespace Carillon
