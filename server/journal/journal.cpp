// SPDX-License-Identifier: MPL-2.0
#include "server/journal/journal.h"

namespace Carillon {

void Journal::tell(const AnyFact &fact) const
{
    for (JournalListener *const listener : m_listeners)
        listener->recorded(fact);
}

} // namespace Carillon
