// SPDX-License-Identifier: MPL-2.0
#include "server/logging/linebudgets.h"

#include <algorithm>
#include <utility>

namespace Carillon {

LineBudgets::Verdict LineBudgets::take(const char *category, Instant now)
{
    const MutexLock lock(m_mutex);
    auto found = std::ranges::find(m_budgets, QByteArrayView(category), &Budget::category);
    if (found == m_budgets.end())
        found = m_budgets.insert(m_budgets.end(), { QByteArray(category), {}, 0, {} });
    if (found->bucket.take(Lines.interval(), Lines.burst, now).count() > 0) {
        ++found->leftOut;
        return { .pass = false };
    }
    if (found->leftOut == 0 || now - found->reported < Pause)
        return {};
    found->reported = now;
    return { .leftOut = std::exchange(found->leftOut, 0) };
}

} // namespace Carillon
