// SPDX-License-Identifier: MPL-2.0
// To be preloaded (LD_PRELOAD): a machine whose clock is wrong. The file that WRONGCLOCK names says
// how, in one line that is read again and again: by how many seconds wall time is off, by how many
// the time since boot, whether the kernel says synchronized (0 or 1), and the id of the boot.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

namespace {

struct Fault
{
    long long wall = 0;
    long long sinceBoot = 0;
    int isSynchronized = 0;
    char boot[64] = "";
};

template<typename Function> Function real(const char *name)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

using Open = int (*)(const char *, int, ...);

Fault present()
{
    Fault fault;
    const char *const path = std::getenv("WRONGCLOCK");
    static const auto openFile = real<Open>("open");
    const int file = path ? openFile(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return fault;
    char line[256] = "";
    if (::read(file, line, sizeof line - 1) > 0)
        std::sscanf(line, "%lld %lld %d %63s", &fault.wall, &fault.sinceBoot, &fault.isSynchronized,
                    fault.boot);
    ::close(file);
    return fault;
}

/// A file with the id of the boot in place of the kernel's.
int openBoot()
{
    const Fault fault = present();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    const ssize_t written = ::write(ends[1], fault.boot, std::strlen(fault.boot));
    ::close(ends[1]);
    return written < 0 ? -1 : ends[0];
}

bool isBoot(const char *path)
{
    return std::strcmp(path, "/proc/sys/kernel/random/boot_id") == 0;
}

int openAny(const char *function, const char *path, int flags, va_list rest)
{
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    return isBoot(path) ? openBoot() : real<Open>(function)(path, flags, mode);
}

} // namespace

extern "C" int clock_gettime(clockid_t clock, timespec *time)
{
    static const auto get = real<int (*)(clockid_t, timespec *)>("clock_gettime");
    const int result = get(clock, time);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        time->tv_sec += present().wall;
    else if (clock == CLOCK_BOOTTIME)
        time->tv_sec += present().sinceBoot;
    return result;
}

extern "C" int gettimeofday(timeval *time, void *zone)
{
    static const auto get = real<int (*)(timeval *, void *)>("gettimeofday");
    const int result = get(time, zone);
    time->tv_sec += present().wall;
    return result;
}

extern "C" time_t time(time_t *result)
{
    timespec now {};
    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

extern "C" int adjtimex(timex *status)
{
    const bool isSynchronized = present().isSynchronized != 0;
    std::memset(status, 0, sizeof *status);
    status->status = isSynchronized ? STA_PLL : STA_UNSYNC;
    return isSynchronized ? TIME_OK : TIME_ERROR;
}

extern "C" int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const int file = openAny("open", path, flags, rest);
    va_end(rest);
    return file;
}

extern "C" int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const int file = openAny("open64", path, flags, rest);
    va_end(rest);
    return file;
}
