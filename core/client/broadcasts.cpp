// SPDX-License-Identifier: MPL-2.0
#include "core/client/broadcasts.h"

#include <algorithm>

namespace Carillon {

BroadcastChanges BroadcastSubscriptions::subscribe(const std::vector<Broadcast> &broadcasts,
                                                   const BroadcastVersions &current)
{
    BroadcastChanges news;
    for (const Broadcast &asked : broadcasts) {
        auto known = std::ranges::find(m_known, asked.id, &Broadcast::id);
        if (known == m_known.end()) {
            if (m_known.size() == MaxIds)
                break;
            known = m_known.insert(m_known.end(), asked);
        }
        const auto newest = current.find(asked.id);
        if (newest == current.end()) {
            known->version = asked.version;
            news.unknown.push_back(asked.id);
            continue;
        }
        if (*newest != asked.version)
            news.changed.push_back({ newest.key(), *newest });
        // Sharing the table's buffer keeps an idle client small.
        *known = { newest.key(), *newest };
    }
    return news;
}

std::vector<Broadcast> BroadcastSubscriptions::changes(const BroadcastVersions &current)
{
    std::vector<Broadcast> changed;
    for (Broadcast &known : m_known) {
        const auto newest = current.find(known.id);
        if (newest == current.end() || *newest == known.version)
            continue;
        known = { newest.key(), *newest };
        changed.push_back(known);
    }
    return changed;
}

} // namespace Carillon
