// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHostAddress>

namespace Carillon {

/// Begins a non-blocking TCP connection with TCP_NODELAY. Returns a descriptor, which the caller
/// owns, that is connected or connecting; a negative errno if it failed at once.
[[nodiscard]] int openConnection(const QHostAddress &address, quint16 port);

/// Why a connection attempt failed (errno); 0: it succeeded or is still in progress.
[[nodiscard]] int connectError(int descriptor);

} // namespace Carillon
