// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/mutex.h"

#include <QByteArray>

#include <cstdint>
#include <optional>
#include <utility>

namespace Carillon {

/// Keeps events that strangers cause from filling the log. The first line for a cause is written,
/// then at most one a minute, with the number of lines that were left out. Thread: any.
class LogThrottle
{
public:
    static constexpr std::chrono::minutes Pause { 1 };

    /// If a line may be written now, the number of lines left out before it; nullopt: this line is
    /// left out.
    [[nodiscard]] std::optional<std::int64_t> pass(Instant now = std::chrono::steady_clock::now())
    {
        const MutexLock lock(m_mutex);
        if (m_last && now - *m_last < Pause) {
            ++m_leftOut;
            return std::nullopt;
        }
        m_last = now;
        return std::exchange(m_leftOut, 0);
    }

private:
    Mutex m_mutex;
    std::optional<Instant> m_last CARILLON_GUARDED_BY(m_mutex);
    std::int64_t m_leftOut CARILLON_GUARDED_BY(m_mutex) = 0;
};

/// The suffix of such a line: " (and 12 more since the last such line)", or nothing.
[[nodiscard]] inline QByteArray leftOutText(std::int64_t leftOut)
{
    return leftOut == 0
        ? QByteArray()
        : " (and " + QByteArray::number(qlonglong { leftOut }) + " more since the last such line)";
}

} // namespace Carillon
