// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/machine.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

namespace Carillon::Bench {
namespace {

std::string processorName()
{
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos)
            return line.substr(colon + 2);
    }
    return "unknown processor";
}

std::string fileSystemName(const std::filesystem::path &directory)
{
    struct statfs info
    {
    };
    if (::statfs(directory.c_str(), &info) != 0)
        return "an unknown file system";
    switch (info.f_type) {
    case EXT4_SUPER_MAGIC:
        return "ext4";
    case BTRFS_SUPER_MAGIC:
        return "btrfs";
    case XFS_SUPER_MAGIC:
        return "xfs";
    case OVERLAYFS_SUPER_MAGIC:
        return "overlayfs";
    case TMPFS_MAGIC:
        return "tmpfs (no disk is waited for)";
    default:
        return "another file system";
    }
}

} // namespace

Machine thisMachine(const std::filesystem::path &directory)
{
    Machine machine;
    const char *commit = std::getenv("CARILLON_COMMIT"); // ./dev says it
    machine.commit = commit ? commit : "unknown";
    machine.cores = static_cast<int>(std::thread::hardware_concurrency());
    machine.processor = processorName();
    utsname system {};
    if (::uname(&system) == 0)
        machine.kernel = std::string(system.sysname) + ' ' + system.release;
    machine.fileSystem = fileSystemName(directory);
    machine.load = loadAverage();
    return machine;
}

double loadAverage()
{
    double load = 0;
    return ::getloadavg(&load, 1) == 1 ? load : 0;
}

double ownCpuMicroseconds()
{
    timespec time {};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

int roomForConnections()
{
    constexpr double BytesEach = 16 * 1024; // two sockets of the kernel's, a session, a generator's
    constexpr double Most = 1e6;
    double memory = 0; // that is free, in bytes
    std::ifstream meminfo("/proc/meminfo");
    for (std::string name; meminfo >> name;) {
        if (name == "MemAvailable:" && meminfo >> memory)
            memory *= 1024;
    }
    double open = 0;
    double unused = 0;
    double most = 0;
    std::ifstream("/proc/sys/fs/file-nr") >> open >> unused >> most;
    // Half of either is left to others.
    return static_cast<int>(std::min({ memory / 2 / BytesEach, (most - open) / 2 / 2, Most }));
}

int raiseDescriptorLimit()
{
    rlimit limit {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1'000'000));
}

} // namespace Carillon::Bench
