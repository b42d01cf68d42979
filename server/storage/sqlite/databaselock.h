// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QString>

namespace Carillon {

/// Who may use a database at the same time: one server of role "all", which gives out sort keys by
/// itself, or any number of the others. It is a lock (flock(2)) on a file beside the database, so
/// it ends with its process, however that ends. Owns: the open file. Thread: any.
class DatabaseLock
{
public:
    enum class Use {
        Alone, ///< role "all"
        Shared, ///< roles "connect" and "endpoint"
    };

    /// Makes the file (0600) where it is missing. The error is a sentence for the operator.
    [[nodiscard]] static Result<DatabaseLock, QString> take(const QString &databasePath, Use use);
    /// Whether take() would succeed; makes nothing.
    [[nodiscard]] static Result<void, QString> check(const QString &databasePath, Use use);

    DatabaseLock() = default;
    DatabaseLock(DatabaseLock &&other) noexcept;
    DatabaseLock &operator=(DatabaseLock &&other) noexcept;
    ~DatabaseLock();

private:
    explicit DatabaseLock(int descriptor) : m_descriptor(descriptor) { }

    int m_descriptor = -1;
};

} // namespace Carillon
