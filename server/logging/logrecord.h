// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/logging/logoptions.h"

#include <QByteArray>
#include <QJsonObject>

#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

/// A line of the log, before it is formatted.
struct LogRecord
{
    using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

    /// Increases from record to record as long as the process lives; 0: not in a LogRing.
    std::uint64_t id = 0;
    Time time;
    LogLevel level = LogLevel::Info;
    /// "carillon.net", or the category of a library.
    QByteArray category;
    /// UTF-8. May contain newlines and control characters.
    QByteArray message;
    /// Values that the message has too, by name, as a JSON object in compact form; empty: none.
    QByteArray fields;
};

/// "debug", "info", "warning", "error".
[[nodiscard]] QByteArrayView levelName(LogLevel level);
[[nodiscard]] std::optional<LogLevel> levelNamed(QByteArrayView name);

/// {"id":7,"time":"2026-01-31T12:00:00.123Z","level":"info","category":"carillon.net",
///  "message":"…","fields":{…}}; fields only if there are some.
[[nodiscard]] QJsonObject toJson(const LogRecord &record);

} // namespace Carillon
