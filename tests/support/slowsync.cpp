// SPDX-License-Identifier: MPL-2.0
// To be preloaded (LD_PRELOAD): a disk that syncs when the test lets it. While the file that
// SLOWSYNC_HOLD names is there, fsync() and fdatasync() wait, and a second file, its name with
// ".waiting" behind, says that one does.
#include <cstdlib>
#include <ctime>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr long PauseNanoseconds = 10'000'000;
constexpr int MostPauses = 3'000;

int syncWhenItMay(const char *function, int descriptor)
{
    const char *const hold = std::getenv("SLOWSYNC_HOLD");
    for (int i = 0; hold && i < MostPauses && ::access(hold, F_OK) == 0; ++i) {
        if (i == 0) {
            const std::string waiting = std::string(hold) + ".waiting";
            ::close(::open(waiting.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        }
        const timespec pause { 0, PauseNanoseconds };
        ::nanosleep(&pause, nullptr);
    }
    using Sync = int (*)(int);
    return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, function))(descriptor);
}

} // namespace

extern "C" int fsync(int descriptor)
{
    return syncWhenItMay("fsync", descriptor);
}

extern "C" int fdatasync(int descriptor)
{
    return syncWhenItMay("fdatasync", descriptor);
}
