// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QString>

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

struct sqlite3_vfs;

namespace Carillon {

/// A disk under SQLite that fails when told to and knows what has been synced: a VFS over the
/// system's, the default one of this process as long as the object lives. Files and locks are real,
/// so what is written can be read at once. A sync only ends the wait of what was written before:
/// until then a power cut may keep, lose or tear it, sector by sector, in any order. Owns: the VFS.
/// Every connection has to be closed before it goes. Thread: any.
class FaultyDisk
{
public:
    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk &) = delete;
    FaultyDisk &operator=(const FaultyDisk &) = delete;

    static constexpr int Forever = std::numeric_limits<int>::max();
    /// The n-th call from now on fails, and those after it until `times` have failed. A call is an
    /// open, read, write, sync, truncation, removal or a mapping of shared memory. isFull: only
    /// writes and truncations are counted, and they fail for want of space.
    void failFrom(int n, int times, bool isFull);
    void heal();
    /// Calls that failed since failFrom().
    [[nodiscard]] int failures() const;
    /// Syncs since the beginning.
    [[nodiscard]] int syncs() const;
    /// What was written to a file and is not synced.
    [[nodiscard]] qint64 unsyncedBytes(const QString &path) const;

    /// The files of a directory as a power cut leaves them, by name.
    using Remains = std::map<QString, QByteArray>;
    /// If the power were cut now; the files themselves go on.
    [[nodiscard]] Remains cutPower(const QString &directory, std::uint32_t seed) const;
    /// At the n-th call from now on, before it does anything, the power is cut: `before` and
    /// `after` run around that instant, with the disk standing still, then `taken` has what is
    /// left. The files themselves go on.
    struct PowerCut
    {
        QString directory;
        std::uint32_t seed = 0;
        std::function<void()> before;
        std::function<void()> after;
        std::function<void(Remains)> taken;
    };
    void cutPowerAt(int n, PowerCut cut);
    /// Whether the cut is still to come; it will not.
    bool cancelCut();
    /// Forgets what it knows of a directory's files, which must be closed.
    void forget(const QString &directory);

private:
    struct Interface; // the functions that SQLite calls
    struct Change
    {
        /// Where the bytes were written; -1: the file was cut to `size`.
        qint64 offset = -1;
        QByteArray bytes;
        qint64 size = 0;
    };
    struct File
    {
        QByteArray synced;
        std::vector<Change> changes;
    };
    using FilePointer = std::shared_ptr<File>; // a name and open files share it
    using Directory = std::map<QString, FilePointer>;

    /// Counts a call; whether it shall fail.
    [[nodiscard]] bool fails(bool takesSpace);
    static void apply(const Change &change, QByteArray &content);
    void sync(File &file, bool isJournal);
    [[nodiscard]] Remains remains(const QString &directory, std::mt19937 &random) const;
    static QByteArray torn(const File &file, double kept, std::mt19937 &random);

    std::unique_ptr<sqlite3_vfs> m_vfs;
    sqlite3_vfs *m_system;
    mutable std::mutex m_mutex;
    Directory m_names;
    Directory m_syncedNames;
    int m_untilFailure = Forever;
    int m_failuresLeft = 0;
    bool m_isFull = false;
    int m_failures = 0;
    int m_syncs = 0;
    int m_untilCut = Forever;
    PowerCut m_cut;
};

} // namespace Carillon
