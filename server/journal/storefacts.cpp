// SPDX-License-Identifier: MPL-2.0
#include "server/journal/storefacts.h"

#include "server/journal/journal.h"

namespace Carillon {

void recordOutcome(Journal &journal, const Notification &message, const StoreOutcome &outcome,
                   bool wasSent)
{
    for (const RemovedMessage &gone : outcome.removed) {
        switch (gone.why) {
        case RemovedMessage::Why::Expired:
            journal.record(Fact::MessagesExpired { { &gone, 1 } });
            break;
        case RemovedMessage::Why::Replaced:
            journal.record(Fact::MessageReplaced { message, gone });
            break;
        case RemovedMessage::Why::Displaced:
            journal.record(Fact::MessageDisplaced { message, gone });
            break;
        }
    }
    if (outcome.state == StoreOutcome::State::Stored)
        journal.record(Fact::MessageStored { message, wasSent });
}

std::function<bool(SortKey)> noteRemoved(const Notification &by,
                                         std::shared_ptr<RemovedMessage> replaced)
{
    return [uaid = by.uaid, channel = by.channelId, replaced = std::move(replaced)](SortKey key) {
        *replaced = {
            .why = RemovedMessage::Why::Replaced, .uaid = uaid, .channelId = channel, .sortKey = key
        };
        return true;
    };
}

} // namespace Carillon
