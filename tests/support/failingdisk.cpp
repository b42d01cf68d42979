// SPDX-License-Identifier: MPL-2.0
// A disk that fails under a whole program: preload this library (LD_PRELOAD). While the control
// file says so, calls on the database's files fail; all other calls and files are left alone.
//
//   FAILINGDISK_FILES    what the paths of the files begin with
//   FAILINGDISK_CONTROL  the control file: four 32-bit integers, which this program maps
//     0  errno with which calls fail; 0: none fails
//     1  which calls, a sum: 1 open, 2 read, 4 write, 8 sync, 16 truncate
//     2  which files: 0 all, 1 the write-ahead log, 2 the database
//     3  calls that have failed, counted here
//
// It makes the system calls itself, so nothing depends on the order in which a sanitizer's runtime
// and this library are loaded.

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

enum Call : int { Open = 1, Read = 2, Write = 4, Sync = 8, Truncate = 16 };

struct Control
{
    int error;
    int calls;
    int files;
    int failed;
};

Control *mapControl()
{
    const char *const path = std::getenv("FAILINGDISK_CONTROL");
    const long file = path ? ::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return nullptr;
    void *const memory = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED,
                                static_cast<int>(file), 0);
    ::close(static_cast<int>(file));
    return memory == MAP_FAILED ? nullptr : static_cast<Control *>(memory);
}

bool isMeant(std::string_view path, int files)
{
    static const char *const Prefix = std::getenv("FAILINGDISK_FILES");
    if (!Prefix || !path.starts_with(Prefix))
        return false;
    const bool isLog = path.ends_with("-wal");
    const bool isIndex = path.ends_with("-shm");
    return files == 0 || (files == 1 && isLog) || (files == 2 && !isLog && !isIndex);
}

std::string pathOf(int descriptor)
{
    std::array<char, 4096> target {};
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    return { target.data(), size > 0 ? static_cast<std::size_t>(size) : 0 };
}

/// Sets errno when it does. where: a path or a descriptor.
template<typename Where> bool fails(Call call, Where where)
{
    static Control *const Shared = mapControl();
    if (!Shared)
        return false;
    const int error = __atomic_load_n(&Shared->error, __ATOMIC_ACQUIRE);
    if (error == 0 || (Shared->calls & call) == 0)
        return false;
    if constexpr (std::is_same_v<Where, int>) {
        if (!isMeant(pathOf(where), Shared->files))
            return false;
    } else if (!isMeant(where, Shared->files)) {
        return false;
    }
    __atomic_add_fetch(&Shared->failed, 1, __ATOMIC_RELAXED);
    errno = error;
    return true;
}

int openFile(const char *path, int flags, mode_t mode)
{
    if (fails(Open, path))
        return -1;
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

} // namespace

// By the names under which libraries built with and without large files ask for them.
extern "C" {

int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    return openFile(path, flags, mode);
}

ssize_t pread64(int file, void *bytes, size_t size, off64_t offset)
{
    return fails(Read, file) ? -1 : ::syscall(SYS_pread64, file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset)
{
    return fails(Write, file) ? -1 : ::syscall(SYS_pwrite64, file, bytes, size, offset);
}

int fdatasync(int file)
{
    return fails(Sync, file) ? -1 : static_cast<int>(::syscall(SYS_fdatasync, file));
}

int fsync(int file)
{
    return fails(Sync, file) ? -1 : static_cast<int>(::syscall(SYS_fsync, file));
}

int ftruncate64(int file, off64_t size) noexcept
{
    return fails(Truncate, file) ? -1 : static_cast<int>(::syscall(SYS_ftruncate, file, size));
}

} // extern "C"
