// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/logging/linebudgets.h"
#include "server/logging/logformat.h"
#include "server/logging/loglevels.h"
#include "server/logging/logring.h"

#include <QtGlobal>

#include <atomic>

namespace Carillon {

struct LogFields;

/// The log of the process: as long as it lives, it takes all messages of Qt's logging, writes each
/// to stderr in one piece and keeps it in the ring. One at a time; it outlives the threads that
/// log. Thread: main; messages may come from any.
class ProcessLog
{
public:
    explicit ProcessLog(const LogOptions &options);
    ~ProcessLog();
    ProcessLog(const ProcessLog &) = delete;
    ProcessLog &operator=(const ProcessLog &) = delete;

    /// Changes format and levels (SIGHUP).
    void apply(const LogOptions &options);

    [[nodiscard]] LogLevels &levels() { return m_levels; }
    [[nodiscard]] LogRing &ring() { return m_ring; }

private:
    static void handle(QtMsgType type, const QMessageLogContext &context, const QString &message);
    void take(QtMsgType type, const char *category, const QString &message);
    void log(LogLevel level, const char *category, const QString &message, const LogFields *fields);

    const LogSource m_source;
    LogLevels m_levels;
    LogRing m_ring;
    LineBudgets m_budgets;
    std::atomic<LogStyle> m_style;
    Mutex m_output; // held while a line is written
};

} // namespace Carillon
