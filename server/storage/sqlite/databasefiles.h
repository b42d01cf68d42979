// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/storage/sqlite/sqliteconnection.h"

#include <QByteArray>
#include <QString>

#include <array>
#include <atomic>
#include <memory>
#include <optional>

#include <sys/types.h>

namespace Carillon {

/// The files of an open database: itself, its write-ahead log, and the index of the log. SQLite
/// keeps using the files that it has open, even if they were moved, and creates new ones for a
/// connection that is opened later. So the files are identified by device and inode, and are
/// checked here before a commit counts and before another connection is opened. Owns: a connection
/// that is open all the time, so that SQLite keeps its log. Thread: any; it is made and destroyed
/// on one.
class DatabaseFiles
{
public:
    /// They are as this connection has opened them; it has read or written already. The deadline
    /// outlives all connections.
    DatabaseFiles(QString path, std::unique_ptr<SqliteConnection> first, const Deadline &deadline);

    /// Looks whether each file is still where it was opened, and gives the first that is not.
    [[nodiscard]] std::optional<QString> misplaced() const;
    /// Whether they were all there when somebody looked last.
    [[nodiscard]] bool wereInPlace() const { return m_wereInPlace; }

    /// Another connection to the same files. The error is a sentence.
    [[nodiscard]] Result<std::unique_ptr<SqliteConnection>, QString> connect() const;

    [[nodiscard]] const QString &path() const { return m_path; }
    [[nodiscard]] QString logPath() const;

private:
    struct Identity
    {
        dev_t device = 0;
        ino_t inode = 0;
        bool operator==(const Identity &) const = default;
    };
    struct File
    {
        QByteArray path;
        std::optional<Identity> identity;
    };
    [[nodiscard]] static std::optional<Identity> identify(const QByteArray &path);

    const QString m_path;
    const Deadline &m_deadline;
    const std::unique_ptr<SqliteConnection> m_first;
    std::array<File, 3> m_files;
    mutable std::atomic<bool> m_wereInPlace = true;
};

/// For the operator: that this file is not the one that was opened.
[[nodiscard]] QString misplacedText(const QString &file);

} // namespace Carillon
