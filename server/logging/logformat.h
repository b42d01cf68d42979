// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/logging/logrecord.h"

#include <QByteArray>
#include <QByteArrayView>

namespace Carillon {

/// How a line looks, from where it goes.
enum class LogStyle {
    Plain, ///< a file or a pipe
    Coloured, ///< a terminal
    Journal, ///< systemd's journal, which has its own time and wants "<priority>" in front
    Json, ///< one object a line, in the format of mozlog
    JournalJson, ///< the same, with "<priority>" in front
};

/// The style for stderr.
[[nodiscard]] LogStyle styleFor(LogFormat format);

/// What JSON lines say of the process.
struct LogSource
{
    /// mozlog's Logger: "carillon-1.0".
    QByteArray logger;
    QByteArray hostname;
    qint64 pid = 0;

    /// Of this process.
    [[nodiscard]] static LogSource ofThisProcess();
};

/// One record as it is written, with its newline. Control characters in the message are made
/// visible and further lines are indented, so that no message can pass for two. JSON is valid
/// whatever the message contains. type: mozlog's; empty: "carillon:log".
[[nodiscard]] QByteArray formatLogLine(LogStyle style, const LogRecord &record,
                                       const LogSource &source, QByteArrayView type = {});

} // namespace Carillon
