// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/admin/adminapi.h"

namespace Carillon {

class AdminStore;
class SenderBook;
class SenderRules;

/// What the resource about senders is made of. All of it outlives the table.
struct SendersWith
{
    const SenderBook &book;
    SenderRules &rules;
    AdminStore &store;
    const Clock &clock;
};

/// Adds /senders, and what blocks and limits them.
void addSenders(AdminApi &api, const SendersWith &with);

} // namespace Carillon
