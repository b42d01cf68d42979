// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/stage.h"

namespace Carillon::Bench {

/// Measures into the report; the error says what did not happen as it must.
using Scenario = Result<void, std::string> (*)(const Options &, Report &);

[[nodiscard]] Result<void, std::string> measureMemory(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureHistory(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureBurst(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureConnecting(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureTls(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measurePushing(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measurePaced(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureScale(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureCrowd(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureLatency(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureAbsent(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureBroadcast(const Options &options, Report &report);
[[nodiscard]] Result<void, std::string> measureAdmin(const Options &options, Report &report);

struct NamedScenario
{
    std::string_view name;
    Scenario run;
};

inline constexpr NamedScenario Scenarios[] = {
    { "memory", measureMemory },   { "burst", measureBurst },
    { "history", measureHistory }, { "connect", measureConnecting },
    { "tls", measureTls },         { "push", measurePushing },
    { "paced", measurePaced },     { "scale", measureScale },
    { "crowd", measureCrowd },     { "latency", measureLatency },
    { "absent", measureAbsent },   { "broadcast", measureBroadcast },
    { "admin", measureAdmin },
};

/// As many clients as descriptors allow: a server of the same limit needs some for itself.
[[nodiscard]] inline int mostClients(const Options &options)
{
    constexpr int Spare = 500;
    return std::min(19'000, options.descriptors - Spare);
}

} // namespace Carillon::Bench
