// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QString>

#include <cstdint>
#include <vector>

namespace Carillon {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };
enum class LogFormat : std::uint8_t { Text, Json };

/// A log level of its own for one category ("carillon.net") or all of ours ("carillon.*").
struct LogRule
{
    QString category;
    LogLevel level = LogLevel::Info;
    bool operator==(const LogRule &) const = default;
};

/// What is logged, and how.
struct LogOptions
{
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;
    /// A line for each HTTP request.
    bool requests = false;
    std::vector<LogRule> rules;
};

} // namespace Carillon
