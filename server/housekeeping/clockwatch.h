// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/serverclock.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>

namespace Carillon {

class Metrics;

/// Looks at the machine's clocks every second, says in the log when they step or cannot be trusted,
/// and has storage remember server time every minute. Thread: main.
class ClockWatch final : public QObject
{
    Q_OBJECT
public:
    /// keep has storage remember server time. Clock and metrics outlive it.
    ClockWatch(ServerClock &clock, Metrics &metrics, std::function<void()> keep);

private:
    void look();

    ServerClock &m_clock;
    Metrics &m_metrics;
    const std::function<void()> m_keep;
    QTimer m_looking;
    QTimer m_keeping;
};

/// A duration as a log line tells it: "400 d 2 h", "3 min"; without its sign.
[[nodiscard]] QByteArray durationText(std::chrono::microseconds duration);

} // namespace Carillon
