// SPDX-License-Identifier: MPL-2.0
#pragma once

namespace Carillon {

/// For WebSocket clients, for senders, for other nodes, for administrators.
enum class ListenerName { Connect, Endpoint, Router, Admin };

} // namespace Carillon
