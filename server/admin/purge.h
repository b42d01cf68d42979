// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminresponder.h"
#include "server/admin/browsing.h"

namespace Carillon {

/// Removes all messages that are stored for a client, some hundred at a time, and answers how many
/// were removed. Messages that come meanwhile may stay. Thread: the admin thread.
void purgeMessages(const Browsing &with, const Uaid &uaid, const AdminResponder &responder);

} // namespace Carillon
