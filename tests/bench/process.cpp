// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/process.h"

#include <csignal>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace Carillon::Bench {
namespace {

using namespace std::chrono_literals;

constexpr auto Patience = 10s;
constexpr auto PollInterval = 5ms; // of the end, which no event announces

} // namespace

Process::Process(const std::function<void()> &work)
{
    const pid_t self = ::getpid();
    m_id = ::fork();
    if (m_id != 0)
        return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == self)
        work();
    ::_exit(127);
}

Process::~Process()
{
    ask(SIGKILL);
    waitForEnd();
}

bool Process::hasEnded() const
{
    if (m_id > 0 && ::waitpid(m_id, &m_status, WNOHANG) == m_id)
        m_id = -1;
    return m_id <= 0;
}

int Process::waitForEnd()
{
    const Moment deadline = now() + Patience;
    while (!hasEnded() && now() < deadline)
        std::this_thread::sleep_for(PollInterval);
    if (!hasEnded()) {
        ask(SIGKILL);
        ::waitpid(m_id, &m_status, 0);
        m_id = -1;
    }
    return m_status;
}

void Process::ask(int signal) const
{
    if (!hasEnded())
        ::kill(m_id, signal);
}

std::chrono::nanoseconds Process::cpu() const
{
    clockid_t clock {};
    timespec time {};
    if (m_id <= 0 || ::clock_getcpuclockid(m_id, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        return {};
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Memory Process::memory() const
{
    Memory memory;
    std::ifstream file("/proc/" + std::to_string(m_id) + "/smaps_rollup");
    std::string name;
    while (file >> name) {
        double kilobytes = 0;
        if (name == "Anonymous:" && file >> kilobytes)
            memory.anonymousBytes += kilobytes * 1024;
        else if (name == "Swap:" && file >> kilobytes)
            memory.anonymousBytes += kilobytes * 1024;
        else if (name == "Pss:" && file >> kilobytes)
            memory.proportionalBytes = kilobytes * 1024;
    }
    return memory;
}

void settle(Loop &loop, int processes, const std::function<std::chrono::nanoseconds()> &cpu)
{
    constexpr auto Glance = 50ms;
    const auto rest = 500us * processes; // what timers may take meanwhile
    constexpr int MostGlances = 60;
    for (int glance = 0, quiet = 0; glance < MostGlances && quiet < 2; ++glance) {
        const auto before = cpu();
        loop.wait(Glance);
        quiet = cpu() - before < rest ? quiet + 1 : 0;
    }
}

} // namespace Carillon::Bench
