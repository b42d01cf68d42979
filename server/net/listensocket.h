// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QHostAddress>
#include <QString>

namespace Carillon {

/// Opens a listening TCP socket, non-blocking, with SO_REUSEPORT, so that every worker has one on
/// the same port. Gives the descriptor, which is the caller's; the error is a sentence.
[[nodiscard]] Result<int, QString> openListeningSocket(const QHostAddress &address, quint16 port);
/// The port that a bound socket has.
[[nodiscard]] quint16 localPort(int descriptor);
/// Fails with a sentence for the operator when another server listens there: SO_REUSEPORT would let
/// a second one of the same user take half of the connections in silence. For once at start, before
/// the first openListeningSocket(); port 0 always passes.
[[nodiscard]] Result<void, QString> probePort(const QHostAddress &address, quint16 port);
/// Sends small writes at once (TCP_NODELAY).
void disableNagle(int descriptor);

} // namespace Carillon
