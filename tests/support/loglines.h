// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QStringList>
#include <QtGlobal>

#include <mutex>

namespace Carillon {

/// What this process says in the log while the object lives, one line for each message.
class LogLines
{
public:
    LogLines()
    {
        s_lines.clear();
        m_before =
            qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &text) {
                const std::lock_guard lock(s_mutex);
                s_lines.append(text);
            });
    }
    ~LogLines() { qInstallMessageHandler(m_before); }
    LogLines(const LogLines &) = delete;
    LogLines &operator=(const LogLines &) = delete;

    [[nodiscard]] static QStringList lines()
    {
        const std::lock_guard lock(s_mutex);
        return s_lines;
    }

private:
    static inline std::mutex s_mutex;
    static inline QStringList s_lines;
    QtMessageHandler m_before;
};

} // namespace Carillon
