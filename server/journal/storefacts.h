// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"

#include <functional>
#include <memory>

namespace Carillon {

class Journal;

/// Records what came of storing a message: that it was stored, and what was removed for it.
/// message: with its sort key. wasSent: to its client, before.
void recordOutcome(Journal &journal, const Notification &message, const StoreOutcome &outcome,
                   bool wasSent = false);

/// For Storage::removeTopic(): takes the message of the topic, whichever it is, and notes its name
/// in `replaced` before the call completes. by: the message that replaces it.
[[nodiscard]] std::function<bool(SortKey)> noteRemoved(const Notification &by,
                                                       std::shared_ptr<RemovedMessage> replaced);

} // namespace Carillon
