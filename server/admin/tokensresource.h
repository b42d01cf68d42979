// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/adminstore.h"
#include "server/admin/adminapi.h"
#include "server/admin/tokens.h"

#include <functional>

namespace Carillon {

class Worker;

/// The tokens of the store and those in force. All of them outlive the table.
/// Thread: the admin thread.
struct TokenKeeping
{
    Worker &worker; // the admin thread
    AdminStore &store;
    AdminTokens &inForce;
    const Clock &clock;

    /// Puts into force what the store has, then calls done, on the admin thread, with the tokens.
    void load(Completion<std::vector<AdminToken>> done) const;
};

/// Adds /tokens.
void addTokens(AdminApi &api, const TokenKeeping &keeping);

} // namespace Carillon
