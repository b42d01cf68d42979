// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "server/net/http/httpmessage.h"

namespace Carillon {

/// A page for people that says what an error means and what to do: the error's row of
/// docs/errors.md. It runs no scripts and loads nothing. Thread: any.
[[nodiscard]] HttpResponse errorPage(ErrorCode code);

} // namespace Carillon
