// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QSslSocket>

namespace Carillon::Testing {

/// How the peers of servers under test reach them: as CARILLON_WIRE says, "tls" or, the default,
/// plain. Thread: one.
[[nodiscard]] bool isWireTls();
/// The authority (PEM) whose certificates TLS peers believe from now on, and no other.
void trustOnly(const QByteArray &authority);
/// Connects to 127.0.0.1, with the handshake and all of its checks if the wire is TLS.
[[nodiscard]] bool connectPeer(QSslSocket &socket, quint16 port);

} // namespace Carillon::Testing
