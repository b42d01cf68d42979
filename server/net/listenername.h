// SPDX-License-Identifier: MPL-2.0
#pragma once

namespace Carillon {

/// For WebSocket clients, for senders, for other nodes.
enum class ListenerName { Connect, Endpoint, Router };

} // namespace Carillon
