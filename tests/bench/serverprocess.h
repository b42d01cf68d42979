// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "tests/bench/loop.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

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

/// The measured `carillon serve`, in a directory of its own, on free ports of loopback.
/// Owns: the process, which never outlives it, and the directory.
class ServerProcess
{
public:
    /// Setting name ("storage.ack_wait") → value.
    using Settings = std::map<std::string, std::string>;

    /// Returns when it serves. directory: where its own is made.
    [[nodiscard]] static Result<std::unique_ptr<ServerProcess>, std::string>
    start(const std::string &program, const std::filesystem::path &directory, Settings settings);
    ~ServerProcess();
    ServerProcess(const ServerProcess &) = delete;
    ServerProcess &operator=(const ServerProcess &) = delete;

    [[nodiscard]] std::uint16_t connectPort() const { return m_connectPort; }
    [[nodiscard]] std::uint16_t endpointPort() const { return m_endpointPort; }
    /// What VAPID tokens are for.
    [[nodiscard]] std::string origin() const;

    /// Asks it to end, and waits; the error says with what it ended if not with 0, and its last
    /// lines.
    [[nodiscard]] Result<void, std::string> stop();

    /// CPU time of all its threads so far, those that ended included.
    [[nodiscard]] std::chrono::nanoseconds cpu() const;
    [[nodiscard]] Memory memory() const;
    /// Handles events until the server rests, so that what it did is all accounted for.
    void settle(Loop &loop) const;
    /// For the end of a message: empty while it lives, else the last lines that it wrote.
    [[nodiscard]] std::string lastWords() const;

private:
    ServerProcess() = default;
    [[nodiscard]] bool launch(const std::string &program, const Settings &settings);
    [[nodiscard]] bool waitUntilServing() const;
    [[nodiscard]] bool hasEnded() const;
    [[nodiscard]] std::string lastLines() const;

    std::filesystem::path m_directory;
    std::uint16_t m_connectPort = 0;
    std::uint16_t m_endpointPort = 0;
    std::uint16_t m_routerPort = 0;
    mutable pid_t m_process = -1;
    mutable int m_status = -1; // of waitpid()
};

} // namespace Carillon::Bench
