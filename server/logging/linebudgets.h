// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/base/tokenbucket.h"

#include <QByteArray>

#include <cstdint>
#include <vector>

namespace Carillon {

/// Keeps a flood of log lines from filling the disk: each category has so many lines a minute.
/// Levels below info, and categories whose level is debug, have no limit: whoever wants to see all
/// gets all. Thread: any.
class LineBudgets
{
public:
    static constexpr Rate Lines { 300, std::chrono::minutes(1), 1'000 };
    /// Between two reports of lines that were left out.
    static constexpr std::chrono::minutes Pause { 1 };

    struct Verdict
    {
        /// The line is written.
        bool pass = true;
        /// Number of lines left out that are to be reported before it; 0: no report.
        std::int64_t leftOut = 0;
    };

    /// Takes a line of a category.
    [[nodiscard]] Verdict take(const char *category, Instant now);

private:
    struct Budget
    {
        QByteArray category;
        TokenBucket bucket;
        std::int64_t leftOut = 0;
        Instant reported {};
    };

    Mutex m_mutex;
    std::vector<Budget> m_budgets CARILLON_GUARDED_BY(m_mutex); // few
};

} // namespace Carillon
