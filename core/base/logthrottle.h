// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QByteArray>

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace Carillon {

/// Keeps what strangers cause from filling the log: the first line of a cause is written, then at
/// most one a minute, which tells how many were left out.
/// Thread: any.
class LogThrottle
{
public:
    static constexpr std::chrono::minutes Pause { 1 };

    /// Whether a line may be written now: how many were left out before it; nullopt: this one is
    /// left out, too.
    [[nodiscard]] std::optional<std::int64_t> pass(Instant now = std::chrono::steady_clock::now())
    {
        const std::lock_guard lock(m_mutex);
        if (m_last && now - *m_last < Pause) {
            ++m_leftOut;
            return std::nullopt;
        }
        m_last = now;
        return std::exchange(m_leftOut, 0);
    }

private:
    std::mutex m_mutex;
    std::optional<Instant> m_last; // guarded by m_mutex
    std::int64_t m_leftOut = 0; // guarded by m_mutex
};

/// What to put behind such a line: " (and 12 more since the last such line)", or nothing.
[[nodiscard]] inline QByteArray leftOutText(std::int64_t leftOut)
{
    return leftOut == 0
        ? QByteArray()
        : " (and " + QByteArray::number(qlonglong { leftOut }) + " more since the last such line)";
}

} // namespace Carillon
