// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QtGlobal>

namespace Carillon {

/// Native: epoll and own parsers; Qt: QTcpSocket, QHttpServer and QWebSocketServer.
enum class TransportKind { Native, Qt };

#ifdef Q_OS_LINUX
constexpr TransportKind DefaultTransport = TransportKind::Native;
#else
constexpr TransportKind DefaultTransport = TransportKind::Qt;
#endif

/// Whether this program was built with it (CMake's CARILLON_QT_TRANSPORT).
[[nodiscard]] bool isBuiltIn(TransportKind kind);

} // namespace Carillon
