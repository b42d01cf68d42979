// SPDX-License-Identifier: MPL-2.0
#include "core/journal/eventquery.h"

namespace Carillon {

bool EventQuery::matches(const Event &event) const
{
    return event.id > after && (before == 0 || event.id < before) && kinds.contains(event.kind)
        && (!uaid || event.uaid == uaid) && (!channelId || event.channelId == channelId)
        && (!sortKey || event.sortKey == sortKey || event.by == sortKey)
        && (!sender || event.sender == sender) && (subject.isEmpty() || event.subject == subject)
        && (!since || event.time >= *since) && (!until || event.time < *until);
}

} // namespace Carillon
