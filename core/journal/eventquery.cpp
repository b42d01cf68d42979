// SPDX-License-Identifier: MPL-2.0
#include "core/journal/eventquery.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace Carillon {

bool EventQuery::matches(const Event &event) const
{
    return event.id > after && (before == 0 || event.id < before) && kinds.contains(event.kind)
        && (!uaid || event.uaid == uaid) && (!channelId || event.channelId == channelId)
        && (!sortKey || event.sortKey == sortKey || event.by == sortKey)
        && (!sender || event.sender == sender) && (subject.isEmpty() || event.subject == subject)
        && (!since || event.time >= *since) && (!until || event.time < *until);
}

void EventQuery::arrange(std::vector<Event> &found) const
{
    if (newestFirst)
        std::ranges::sort(found, std::greater(), &Event::id);
    else
        std::ranges::sort(found, std::less(), &Event::id);
    const auto isSame = [](const Event &a, const Event &b) { return a.id == b.id; };
    found.erase(std::unique(found.begin(), found.end(), isSame), found.end());
    if (std::cmp_greater(found.size(), limit))
        found.resize(static_cast<std::size_t>(std::max(0, limit)));
}

} // namespace Carillon
