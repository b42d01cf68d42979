// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHostAddress>

namespace Carillon {

/// Begins a TCP connection, non-blocking, that sends small writes at once. Gives a descriptor,
/// which is the caller's and connected or about to be; when that is known to fail, a negative
/// errno.
[[nodiscard]] int openConnection(const QHostAddress &address, quint16 port);

/// Why a connection that was begun did not come about (errno); 0: it did, or it may yet.
[[nodiscard]] int connectError(int descriptor);

} // namespace Carillon
