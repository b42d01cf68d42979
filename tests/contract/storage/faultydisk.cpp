// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/faultydisk.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include <sqlite3.h>

namespace Carillon {

namespace {

constexpr qint64 SectorSize = 512;
constexpr int JournalFlags = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;

} // namespace

/// What sqlite3_vfs and sqlite3_io_methods point to (sqlite.org/c3ref/vfs.html).
struct FaultyDisk::Interface
{
    /// Followed by the system's own.
    struct OpenFile
    {
        sqlite3_file base;
        FaultyDisk *disk;
        FilePointer file;
        bool isJournal;
    };

    static OpenFile &self(sqlite3_file *file) { return *reinterpret_cast<OpenFile *>(file); }
    static sqlite3_file *system(sqlite3_file *file)
    {
        return reinterpret_cast<sqlite3_file *>(&self(file) + 1);
    }
    static FaultyDisk &disk(sqlite3_vfs *vfs) { return *static_cast<FaultyDisk *>(vfs->pAppData); }

    static int open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                    int *outFlags)
    {
        FaultyDisk &disk = Interface::disk(vfs);
        file->pMethods = nullptr;
        const std::lock_guard lock(disk.m_mutex);
        if (disk.fails(false))
            return SQLITE_CANTOPEN;
        const QString path = name ? QFile::decodeName(name) : QString();
        system(file)->pMethods = nullptr;
        const int code = disk.m_system->xOpen(disk.m_system, name, system(file), flags, outFlags);
        if (code != SQLITE_OK)
            return code;
        new (file) OpenFile { {}, &disk, nullptr, (flags & JournalFlags) != 0 };
        FilePointer unnamed; // a temporary file
        FilePointer &known = name ? disk.m_names[path] : unnamed;
        if (!known) {
            known = std::make_shared<File>();
            // Another program may have made it: what it holds then counts as synced.
            QFile content(path);
            if (name && content.open(QIODevice::ReadOnly))
                known->synced = content.readAll();
        }
        self(file).file = known;
        static const sqlite3_io_methods Methods = methods();
        file->pMethods = &Methods;
        return SQLITE_OK;
    }

    static int close(sqlite3_file *file)
    {
        const int code = system(file)->pMethods->xClose(system(file));
        self(file).~OpenFile();
        return code;
    }

    static int read(sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset)
    {
        FaultyDisk &disk = *self(file).disk;
        {
            const std::lock_guard lock(disk.m_mutex);
            if (disk.fails(false))
                return SQLITE_IOERR_READ;
        }
        return system(file)->pMethods->xRead(system(file), buffer, size, offset);
    }

    static int write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
    {
        FaultyDisk &disk = *self(file).disk;
        const std::lock_guard lock(disk.m_mutex);
        if (disk.fails(true))
            return disk.m_isFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        const int code = system(file)->pMethods->xWrite(system(file), bytes, size, offset);
        if (code == SQLITE_OK)
            self(file).file->changes.push_back(
                { offset, QByteArray(static_cast<const char *>(bytes), size), 0 });
        return code;
    }

    static int truncate(sqlite3_file *file, sqlite3_int64 size)
    {
        FaultyDisk &disk = *self(file).disk;
        const std::lock_guard lock(disk.m_mutex);
        if (disk.fails(true))
            return disk.m_isFull ? SQLITE_FULL : SQLITE_IOERR_TRUNCATE;
        const int code = system(file)->pMethods->xTruncate(system(file), size);
        if (code == SQLITE_OK)
            self(file).file->changes.push_back({ -1, {}, size });
        return code;
    }

    static int sync(sqlite3_file *file, int)
    {
        FaultyDisk &disk = *self(file).disk;
        const std::lock_guard lock(disk.m_mutex);
        if (disk.fails(false)) {
            self(file).file->changes.clear();
            return SQLITE_IOERR_FSYNC;
        }
        disk.sync(*self(file).file, self(file).isJournal);
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs *vfs, const char *name, int syncsDirectory)
    {
        FaultyDisk &disk = Interface::disk(vfs);
        const std::lock_guard lock(disk.m_mutex);
        if (disk.fails(false))
            return SQLITE_IOERR_DELETE;
        const int code = disk.m_system->xDelete(disk.m_system, name, 0);
        if (code == SQLITE_OK)
            disk.m_names.erase(QFile::decodeName(name));
        if (code == SQLITE_OK && syncsDirectory != 0)
            disk.m_syncedNames = disk.m_names;
        return code;
    }

    static int mapShared(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
    {
        FaultyDisk &disk = *self(file).disk;
        {
            const std::lock_guard lock(disk.m_mutex);
            if (disk.fails(false)) {
                *memory = nullptr;
                return SQLITE_IOERR_SHMMAP;
            }
        }
        return system(file)->pMethods->xShmMap(system(file), page, size, extend, memory);
    }

    // What is the system's alone.
    static int size(sqlite3_file *file, sqlite3_int64 *size)
    {
        return system(file)->pMethods->xFileSize(system(file), size);
    }
    static int lock(sqlite3_file *file, int kind)
    {
        return system(file)->pMethods->xLock(system(file), kind);
    }
    static int unlock(sqlite3_file *file, int kind)
    {
        return system(file)->pMethods->xUnlock(system(file), kind);
    }
    static int checkReserved(sqlite3_file *file, int *result)
    {
        return system(file)->pMethods->xCheckReservedLock(system(file), result);
    }
    static int control(sqlite3_file *file, int what, void *argument)
    {
        return system(file)->pMethods->xFileControl(system(file), what, argument);
    }
    static int sectorSize(sqlite3_file *file)
    {
        return system(file)->pMethods->xSectorSize(system(file));
    }
    static int characteristics(sqlite3_file *file)
    {
        return system(file)->pMethods->xDeviceCharacteristics(system(file));
    }
    static int lockShared(sqlite3_file *file, int offset, int count, int flags)
    {
        return system(file)->pMethods->xShmLock(system(file), offset, count, flags);
    }
    static void barrier(sqlite3_file *file) { system(file)->pMethods->xShmBarrier(system(file)); }
    static int unmapShared(sqlite3_file *file, int removes)
    {
        return system(file)->pMethods->xShmUnmap(system(file), removes);
    }

    /// Version 2: without memory-mapped reads, which would pass this by.
    static sqlite3_io_methods methods()
    {
        sqlite3_io_methods methods {};
        methods.iVersion = 2;
        methods.xClose = close;
        methods.xRead = read;
        methods.xWrite = write;
        methods.xTruncate = truncate;
        methods.xSync = sync;
        methods.xFileSize = size;
        methods.xLock = lock;
        methods.xUnlock = unlock;
        methods.xCheckReservedLock = checkReserved;
        methods.xFileControl = control;
        methods.xSectorSize = sectorSize;
        methods.xDeviceCharacteristics = characteristics;
        methods.xShmMap = mapShared;
        methods.xShmLock = lockShared;
        methods.xShmBarrier = barrier;
        methods.xShmUnmap = unmapShared;
        return methods;
    }
};

FaultyDisk::FaultyDisk()
    : m_vfs(std::make_unique<sqlite3_vfs>()), m_system(sqlite3_vfs_find(nullptr))
{
    *m_vfs = *m_system;
    m_vfs->pNext = nullptr;
    m_vfs->zName = "carillon-faulty";
    m_vfs->pAppData = this;
    m_vfs->szOsFile = static_cast<int>(sizeof(Interface::OpenFile)) + m_system->szOsFile;
    m_vfs->xOpen = Interface::open;
    m_vfs->xDelete = Interface::remove;
    sqlite3_vfs_register(m_vfs.get(), 1);
}

FaultyDisk::~FaultyDisk()
{
    sqlite3_vfs_unregister(m_vfs.get());
    sqlite3_vfs_register(m_system, 1);
}

void FaultyDisk::failFrom(int n, int times, bool isFull)
{
    const std::lock_guard lock(m_mutex);
    m_untilFailure = n;
    m_failuresLeft = times;
    m_isFull = isFull;
    m_failures = 0;
}

void FaultyDisk::heal()
{
    const std::lock_guard lock(m_mutex);
    m_untilFailure = Forever;
    m_failuresLeft = 0;
}

int FaultyDisk::failures() const
{
    const std::lock_guard lock(m_mutex);
    return m_failures;
}

int FaultyDisk::syncs() const
{
    const std::lock_guard lock(m_mutex);
    return m_syncs;
}

qint64 FaultyDisk::unsyncedBytes(const QString &path) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_names.find(path);
    qint64 bytes = 0;
    if (found != m_names.end()) {
        for (const Change &change : found->second->changes)
            bytes += change.bytes.size();
    }
    return bytes;
}

FaultyDisk::Remains FaultyDisk::cutPower(const QString &directory, std::uint32_t seed) const
{
    const std::lock_guard lock(m_mutex);
    std::mt19937 random(seed);
    return remains(directory, random);
}

void FaultyDisk::cutPowerAt(int n, PowerCut cut)
{
    const std::lock_guard lock(m_mutex);
    m_untilCut = n;
    m_cut = std::move(cut);
}

bool FaultyDisk::cancelCut()
{
    const std::lock_guard lock(m_mutex);
    m_cut = {};
    return std::exchange(m_untilCut, Forever) != Forever;
}

void FaultyDisk::forget(const QString &directory)
{
    const std::lock_guard lock(m_mutex);
    for (Directory *const names : { &m_names, &m_syncedNames })
        std::erase_if(
            *names, [&](const auto &entry) { return QFileInfo(entry.first).path() == directory; });
}

bool FaultyDisk::fails(bool takesSpace)
{
    if (m_untilCut != Forever && --m_untilCut == 0) {
        m_untilCut = Forever;
        const PowerCut cut = std::exchange(m_cut, {});
        std::mt19937 random(cut.seed);
        cut.before();
        Remains left = remains(cut.directory, random);
        cut.after();
        cut.taken(std::move(left));
    }
    if (m_isFull && !takesSpace)
        return false;
    if (m_untilFailure != Forever && m_untilFailure > 0)
        --m_untilFailure;
    if (m_untilFailure > 0 || m_failuresLeft == 0)
        return false;
    m_failuresLeft -= m_failuresLeft == Forever ? 0 : 1;
    ++m_failures;
    return true;
}

void FaultyDisk::apply(const Change &change, QByteArray &content)
{
    if (change.offset < 0) {
        content.resize(std::min<qsizetype>(content.size(), change.size));
        return;
    }
    if (content.size() < change.offset + change.bytes.size())
        content.append(change.offset + change.bytes.size() - content.size(), '\0');
    std::copy(change.bytes.begin(), change.bytes.end(), content.begin() + change.offset);
}

/// With the first sync of a journal SQLite syncs the directory too. Every sync of one does here:
/// names change only when files come and go.
void FaultyDisk::sync(File &file, bool isJournal)
{
    ++m_syncs;
    for (const Change &change : file.changes)
        apply(change, file.synced);
    file.changes.clear();
    if (isJournal)
        m_syncedNames = m_names;
}

FaultyDisk::Remains FaultyDisk::remains(const QString &directory, std::mt19937 &random) const
{
    // Mostly a mixture; sometimes all of it or nothing.
    const double kept = std::clamp(std::uniform_real_distribution(-0.3, 1.3)(random), 0.0, 1.0);
    std::bernoulli_distribution coin;
    Directory names = m_syncedNames;
    for (const auto &[name, file] : m_names) {
        if (coin(random))
            names[name] = file;
    }
    for (const auto &[name, file] : m_syncedNames) {
        if (!m_names.contains(name) && coin(random))
            names.erase(name);
    }
    Remains left;
    for (const auto &[name, file] : names) {
        const QFileInfo info(name);
        if (info.path() == directory)
            left[info.fileName()] = torn(*file, kept, random);
    }
    return left;
}

QByteArray FaultyDisk::torn(const File &file, double kept, std::mt19937 &random)
{
    std::bernoulli_distribution survives(kept);
    QByteArray content = file.synced;
    for (const Change &change : file.changes) {
        if (change.offset < 0) {
            if (survives(random))
                apply(change, content);
            continue;
        }
        const qint64 end = change.offset + change.bytes.size();
        for (qint64 begin = change.offset; begin < end;) {
            const qint64 next = std::min(end, (begin / SectorSize + 1) * SectorSize);
            if (survives(random))
                apply({ begin, change.bytes.mid(begin - change.offset, next - begin), 0 }, content);
            begin = next;
        }
    }
    return content;
}

} // namespace Carillon
