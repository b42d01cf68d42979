// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/fleet.h"
#include "tests/bench/process.h"

namespace Carillon::Bench {

/// Clients by the ten thousand that connect, subscribe and then only answer pings: a fleet for each
/// of some servers, in a process of its own because descriptors are limited by process.
/// Owns: the processes.
class Crowd
{
public:
    /// Waits in its processes, which inherit what descriptors this one has.
    /// ports, key: as a Fleet has them. limit: of their loops.
    Crowd(Loop &loop, const std::vector<std::uint16_t> &ports, const std::string &key, int clients,
          Moment limit);
    ~Crowd();
    Crowd(const Crowd &) = delete;
    Crowd &operator=(const Crowd &) = delete;

    /// All connect and subscribe.
    [[nodiscard]] Result<void, std::string> come();
    /// Whether none was lost since.
    [[nodiscard]] Result<void, std::string> isWhole() const;
    /// CPU time of its processes so far.
    [[nodiscard]] std::chrono::nanoseconds cpu() const;

private:
    class Part;

    Loop &m_loop;
    std::vector<std::unique_ptr<Part>> m_parts;
    int m_clients;
};

} // namespace Carillon::Bench
