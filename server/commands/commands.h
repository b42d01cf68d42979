// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/commandline.h"

// Each command has its own file of this folder, and main.cpp lists them.
namespace Carillon {

/// Where a server listens for clients unless it is told otherwise.
inline const QString DefaultServer = QStringLiteral("ws://127.0.0.1:8080/");

[[nodiscard]] Command checkConfigCommand();
[[nodiscard]] Command completionCommand();
[[nodiscard]] Command firefoxCommand();
[[nodiscard]] Command keygenCommand();
[[nodiscard]] Command listenCommand();
[[nodiscard]] Command reportCommand();
[[nodiscard]] Command sendCommand();
[[nodiscard]] Command serveCommand();
[[nodiscard]] Command vapidCommand();
[[nodiscard]] Command waitCommand();

// In admin/, clients of the admin API.
[[nodiscard]] Command adminStdioCommand();
[[nodiscard]] Command auditCommand();
[[nodiscard]] Command blockCommand();
[[nodiscard]] Command clientCommand();
[[nodiscard]] Command clientsCommand();
[[nodiscard]] Command configCommand();
[[nodiscard]] Command disconnectCommand();
[[nodiscard]] Command drainCommand();
[[nodiscard]] Command eventsCommand();
[[nodiscard]] Command limitCommand();
[[nodiscard]] Command logsCommand();
[[nodiscard]] Command messageCommand();
[[nodiscard]] Command messagesCommand();
[[nodiscard]] Command purgeCommand();
[[nodiscard]] Command queuesCommand();
[[nodiscard]] Command resumeCommand();
[[nodiscard]] Command sendersCommand();
[[nodiscard]] Command statsCommand();
[[nodiscard]] Command statusCommand();
[[nodiscard]] Command tokenCommand();
[[nodiscard]] Command topCommand();
[[nodiscard]] Command unblockCommand();
[[nodiscard]] Command whyCommand();

} // namespace Carillon
