// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHostAddress>

namespace Carillon {

/// Begins a TCP connection, non-blocking, that sends small writes at once. Gives a descriptor,
/// which is the caller's and connected or about to be; -1 when that is known to fail.
[[nodiscard]] int openConnection(const QHostAddress &address, quint16 port);

} // namespace Carillon
