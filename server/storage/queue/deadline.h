// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <atomic>
#include <chrono>
#include <limits>

namespace Carillon {

/// When waiting for others who hold the database has to end, whatever patience is left: shared by
/// the connections of a storage. Thread: any.
class Deadline
{
public:
    void set(Instant when) { m_when = when.time_since_epoch().count(); }
    [[nodiscard]] bool isOver() const
    {
        return std::chrono::steady_clock::now().time_since_epoch().count() >= m_when;
    }

private:
    std::atomic<Instant::rep> m_when = std::numeric_limits<Instant::rep>::max();
};

} // namespace Carillon
