// SPDX-License-Identifier: MPL-2.0
#include "server/admin/failedlogins.h"

namespace Carillon {

std::optional<std::chrono::seconds> FailedLogins::wait(std::uint64_t address, Instant now) const
{
    const auto found = m_counts.find(address);
    if (found == m_counts.end() || found->second.failures < Most)
        return std::nullopt;
    const auto left = found->second.first + Window - now;
    if (left.count() <= 0)
        return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(left);
}

void FailedLogins::add(std::uint64_t address, Instant now)
{
    if (m_counts.size() >= MostAddresses && !m_counts.contains(address)) {
        std::erase_if(m_counts,
                      [now](const auto &entry) { return now - entry.second.first >= Window; });
        // All of them failed within a minute: the oldest addresses are of no more use than others.
        if (m_counts.size() >= MostAddresses)
            m_counts.erase(m_counts.begin());
    }
    Count &count = m_counts[address];
    if (count.failures == 0 || now - count.first >= Window)
        count = { now, 0 };
    ++count.failures;
}

} // namespace Carillon
