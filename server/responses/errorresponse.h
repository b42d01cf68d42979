// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"
#include "server/responses/refusal.h"

namespace Carillon {

/// The answer to a request that failed: autopush's JSON body (protocol.md §3.3), and
/// the headers that go with the status. Thread: any.
[[nodiscard]] HttpResponse errorResponse(const Refusal &refusal);

} // namespace Carillon
