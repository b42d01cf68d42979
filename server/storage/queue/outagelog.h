// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/logthrottle.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace Carillon {

/// Decides when an outage is logged: one line when it begins and one when it ends. Repeated
/// outages, as of a disk with a loose cable, are logged once a minute. Thread: any.
class OutageLog
{
public:
    /// Reports a failure. Returns the number of failures that were not logged if this one is to be
    /// logged; nullopt if the outage is logged already, or the last line is too recent.
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
