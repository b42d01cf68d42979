// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/transport.h"

#include <memory>

namespace Carillon {

struct Settings;
class Timers;

/// A transport of the kind that the settings name. Precondition: isBuiltIn(). Thread: the worker's.
[[nodiscard]] std::unique_ptr<Transport> makeTransport(Timers &timers, const Settings &settings);

} // namespace Carillon
