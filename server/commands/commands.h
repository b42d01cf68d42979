// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/commandline.h"

// Each command has its own file of this folder, and main.cpp lists them.
namespace Carillon {

/// Where a server listens for clients unless it is told otherwise.
inline const QString DefaultServer = QStringLiteral("ws://127.0.0.1:8080/");

[[nodiscard]] Command checkConfigCommand();
[[nodiscard]] Command firefoxCommand();
[[nodiscard]] Command keygenCommand();
[[nodiscard]] Command listenCommand();
[[nodiscard]] Command sendCommand();
[[nodiscard]] Command serveCommand();
[[nodiscard]] Command vapidCommand();

} // namespace Carillon
