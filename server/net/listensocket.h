// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QHostAddress>
#include <QString>

#include <vector>

namespace Carillon {

/// Opens a listening TCP socket, non-blocking, with SO_REUSEPORT, so that every worker has one on
/// the same port. "::" takes IPv4, too. Gives the descriptor, which is the caller's; the error is a
/// sentence.
[[nodiscard]] Result<int, QString> openListeningSocket(const QHostAddress &address, quint16 port);
/// A descriptor of its own for a listening socket that was opened elsewhere, non-blocking. Several
/// share its queue of connections, and closing one does not end the others.
[[nodiscard]] Result<int, QString> shareListeningSocket(int descriptor);
/// The port that a bound socket has.
[[nodiscard]] quint16 localPort(int descriptor);
/// The address that a bound socket has.
[[nodiscard]] QHostAddress localAddress(int descriptor);
/// Fails with a sentence for the operator when another server listens there: SO_REUSEPORT would let
/// a second one of the same user take half of the connections in silence. For once at start, before
/// the first openListeningSocket(); port 0 always passes.
[[nodiscard]] Result<void, QString> probePort(const QHostAddress &address, quint16 port);
[[nodiscard]] Result<void, QString> probePort(const std::vector<QHostAddress> &addresses,
                                              quint16 port);
/// False where this machine has no such address; a machine without IPv6 has none of its addresses.
[[nodiscard]] bool hasAddress(const QHostAddress &address);
/// Leaves ::1 out where it is beside 127.0.0.1, as "localhost" has it, and the machine has no IPv6.
/// Gives whether it did.
bool leaveOutMissing(std::vector<QHostAddress> &addresses);
/// Sends small writes at once (TCP_NODELAY).
void disableNagle(int descriptor);

} // namespace Carillon
