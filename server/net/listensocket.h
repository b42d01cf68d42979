// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QHostAddress>
#include <QString>

#include <vector>

namespace Carillon {

/// Opens a non-blocking listening TCP socket with SO_REUSEPORT, so that each worker can have one on
/// the same port. "::" accepts IPv4, too. Returns the descriptor, which the caller owns; the error
/// is a sentence.
[[nodiscard]] Result<int, QString> openListeningSocket(const QHostAddress &address, quint16 port);
/// Duplicates the descriptor of a listening socket that was opened elsewhere and makes it
/// non-blocking. All duplicates share one accept queue; closing one leaves the others open.
[[nodiscard]] Result<int, QString> shareListeningSocket(int descriptor);
/// The port of a bound socket; 0 of a Unix socket.
[[nodiscard]] quint16 localPort(int descriptor);
/// The address of a bound socket.
[[nodiscard]] QHostAddress localAddress(int descriptor);
/// Fails with a sentence for the operator if another server listens there. SO_REUSEPORT would let a
/// second server of the same user silently take half of the connections. Called once at start,
/// before the first openListeningSocket(). Port 0 always succeeds.
[[nodiscard]] Result<void, QString> probePort(const QHostAddress &address, quint16 port);
[[nodiscard]] Result<void, QString> probePort(const std::vector<QHostAddress> &addresses,
                                              quint16 port);
/// Whether this machine has the address; without IPv6 it has no IPv6 address.
[[nodiscard]] bool hasAddress(const QHostAddress &address);
/// Removes ::1 from a list with 127.0.0.1, as "localhost" stands for, if the machine has no IPv6.
/// Returns whether it did.
bool leaveOutMissing(std::vector<QHostAddress> &addresses);
/// Sets TCP_NODELAY, so that small writes are sent at once.
void disableNagle(int descriptor);

} // namespace Carillon
