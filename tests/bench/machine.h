// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <filesystem>
#include <string>

namespace Carillon::Bench {

/// On what it was measured.
struct Machine
{
    std::string commit;
    std::string transport;
    int cores = 0;
    std::string processor;
    std::string kernel;
    /// Of the database: a commit on tmpfs waits for no disk.
    std::string fileSystem;
    /// Average of the last minute, before the first scenario.
    double load = 0;

    [[nodiscard]] bool isBusy() const { return load > cores * 0.25; }
};

/// directory: where the database will be.
[[nodiscard]] Machine thisMachine(const std::filesystem::path &directory);
[[nodiscard]] double loadAverage();
/// CPU time of this process so far, in µs.
[[nodiscard]] double ownCpuMicroseconds();
/// How many connections, both ends here, memory and the descriptors of all processes have room for.
[[nodiscard]] int roomForConnections();
/// Makes the soft limit of descriptors the hard one; gives it.
[[nodiscard]] int raiseDescriptorLimit();

} // namespace Carillon::Bench
