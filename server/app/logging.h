// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settings.h"

#include <QByteArray>
#include <QDateTime>
#include <QtGlobal>

namespace Carillon {

/// How a line looks, from where it goes.
enum class LogStyle {
    Plain, ///< a file or a pipe
    Coloured, ///< a terminal
    Journal, ///< systemd's journal, which adds the time itself and wants "<priority>" in front
    Json, ///< one object a line
};

/// One log entry as it is written, with its newline. Control characters in the message are made
/// visible, further lines indented, so that no message can pass for two.
[[nodiscard]] QByteArray formatLogLine(LogStyle style, const QDateTime &time, QtMsgType type,
                                       const QString &category, const QString &message);

/// Rules for QLoggingCategory::setFilterRules() that let through what is configured.
[[nodiscard]] QString filterRules(const LogOptions &log);

/// Sends all messages of Qt to stderr as configured, each line in one piece. Again: changes that
/// (SIGHUP). Thread: any; messages may come from every thread meanwhile.
void startLogging(const LogOptions &log);

} // namespace Carillon
