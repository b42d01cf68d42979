// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/serverprocess.h"

#include <vector>

namespace Carillon::Bench {

/// What is measured together: one process with all roles; or one with the endpoint role and others
/// with the connect role, over one SQLite file.
/// Owns: the processes.
class Servers
{
public:
    /// Returns when all serve. connectProcesses: those apart from the endpoint's; 0: one does all.
    [[nodiscard]] static Result<std::unique_ptr<Servers>, std::string>
    start(const std::string &program, const std::filesystem::path &directory,
          ServerProcess::Settings settings, int connectProcesses);

    /// Where clients connect, one for each process that takes them.
    [[nodiscard]] std::vector<std::uint16_t> connectPorts() const;
    [[nodiscard]] std::uint16_t endpointPort() const { return m_endpoint->endpointPort(); }
    [[nodiscard]] std::string origin() const { return m_endpoint->origin(); }

    /// Of all of them together.
    [[nodiscard]] std::chrono::nanoseconds cpu() const;
    [[nodiscard]] Memory memory() const;
    /// Handles events until they rest, so that what they did is all accounted for.
    void settle(Loop &loop) const;
    /// For the end of a message: empty while they live, else the last lines that one wrote.
    [[nodiscard]] std::string lastWords() const;

private:
    std::unique_ptr<ServerProcess> m_endpoint; // has the database, so it ends last
    std::vector<std::unique_ptr<ServerProcess>> m_connect;
};

} // namespace Carillon::Bench
