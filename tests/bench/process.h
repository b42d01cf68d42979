// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/loop.h"

#include <sys/types.h>

namespace Carillon::Bench {

/// Memory of a process, from the kernel's accounting (smaps_rollup).
struct Memory
{
    /// What is its own: heap, stacks, written pages of libraries.
    double anonymousBytes = 0;
    /// Everything in RAM, pages of shared libraries shared out among their users.
    double proportionalBytes = 0;
};

/// A child of this process, which never outlives it.
class Process
{
public:
    /// work: what the child does; it need not return.
    explicit Process(const std::function<void()> &work);
    ~Process();
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    [[nodiscard]] bool hasEnded() const;
    /// Waits for its end, which is made if it does not come; gives the status of waitpid().
    int waitForEnd();
    void ask(int signal) const;

    /// CPU time of all its threads so far, those that ended included.
    [[nodiscard]] std::chrono::nanoseconds cpu() const;
    [[nodiscard]] Memory memory() const;

private:
    mutable pid_t m_id = -1;
    mutable int m_status = -1;
};

/// Handles events until so many processes, whose CPU time in all cpu() gives, rest, so that what
/// they did is all accounted for.
void settle(Loop &loop, int processes, const std::function<std::chrono::nanoseconds()> &cpu);

} // namespace Carillon::Bench
