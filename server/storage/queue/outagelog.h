// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/logthrottle.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace Carillon {

/// What the log is told of something that fails and later works again: one line when that begins
/// and one when it ends. What fails again and again, as a disk with a loose cable, is told of once
/// a minute. Thread: any.
class OutageLog
{
public:
    /// It has failed. Whether a line may say so now: how many failures no line has told of;
    /// nullopt: it was said, or too short a time ago.
    [[nodiscard]] std::optional<std::int64_t> failed()
    {
        if (m_isSaid)
            return std::nullopt;
        const std::optional<std::int64_t> leftOut = m_throttle.pass();
        if (leftOut)
            m_isSaid = true;
        return leftOut;
    }
    /// It works. Whether a line has to say so.
    [[nodiscard]] bool works() { return m_isSaid && m_isSaid.exchange(false); }

private:
    std::atomic<bool> m_isSaid = false;
    LogThrottle m_throttle;
};

} // namespace Carillon
