// SPDX-License-Identifier: MPL-2.0
#include "core/client/broadcasts.h"

#include "core/crypto/digest.h"

#include <algorithm>

namespace Carillon {

namespace {

/// What is kept of a version that only has to be compared: the client chose its length.
QByteArray told(const QByteArray &version)
{
    return version.size() <= Sha256Size ? version : sha256(version);
}

} // namespace

BroadcastChanges BroadcastSubscriptions::subscribe(const std::vector<Broadcast> &broadcasts,
                                                   const BroadcastVersions &current)
{
    BroadcastChanges news;
    for (const Broadcast &asked : broadcasts) {
        const auto newest = current.find(asked.id);
        const bool isUnknown = newest == current.end();
        auto known = std::ranges::find(m_known, asked.id, &Broadcast::id);
        if (known == m_known.end()) {
            if (m_known.size() == MaxIds)
                break;
            if (isUnknown && asked.id.size() > MaxUnknownIdBytes) {
                news.unknown.push_back(asked.id);
                continue;
            }
            known = m_known.insert(m_known.end(), Broadcast { asked.id, {} });
        }
        if (isUnknown) {
            known->version = told(asked.version);
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
        if (newest == current.end() || *newest == known.version || told(*newest) == known.version)
            continue;
        known = { newest.key(), *newest };
        changed.push_back(known);
    }
    return changed;
}

} // namespace Carillon
