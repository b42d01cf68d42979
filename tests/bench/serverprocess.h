// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "tests/bench/process.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace Carillon::Bench {

/// The measured `carillon serve`, in a directory of its own, on free ports of loopback.
/// Owns: the process, which never outlives it, and the directory.
class ServerProcess
{
public:
    /// Setting name ("storage.ack_wait") → value.
    using Settings = std::map<std::string, std::string>;

    /// Returns when it serves, all roles unless the settings say otherwise. directory: where its
    /// own is made.
    [[nodiscard]] static Result<std::unique_ptr<ServerProcess>, std::string>
    start(const std::string &program, const std::filesystem::path &directory, Settings settings);
    ~ServerProcess();
    ServerProcess(const ServerProcess &) = delete;
    ServerProcess &operator=(const ServerProcess &) = delete;

    [[nodiscard]] std::uint16_t connectPort() const { return m_connectPort; }
    [[nodiscard]] std::uint16_t endpointPort() const { return m_endpointPort; }
    /// What VAPID tokens are for.
    [[nodiscard]] std::string origin() const;
    /// Where it keeps what it stores, unless the settings said otherwise.
    [[nodiscard]] std::string database() const;

    /// Asks it to end, and waits; the error says with what it ended if not with 0, and its last
    /// lines.
    [[nodiscard]] Result<void, std::string> stop();

    [[nodiscard]] std::chrono::nanoseconds cpu() const { return m_process->cpu(); }
    [[nodiscard]] Memory memory() const { return m_process->memory(); }
    /// Handles events until it rests.
    void settle(Loop &loop) const
    {
        Bench::settle(loop, 1, [this] { return cpu(); });
    }
    /// For the end of a message: empty while it lives, else the last lines that it wrote.
    [[nodiscard]] std::string lastWords() const;

private:
    ServerProcess() = default;
    void launch(const std::string &program, const Settings &settings);
    [[nodiscard]] bool waitUntilServing(std::uint16_t port) const;
    [[nodiscard]] std::string lastLines() const;

    std::filesystem::path m_directory;
    std::uint16_t m_connectPort = 0;
    std::uint16_t m_endpointPort = 0;
    std::uint16_t m_routerPort = 0;
    std::unique_ptr<Process> m_process;
};

} // namespace Carillon::Bench
