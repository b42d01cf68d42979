// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/serverclock.h"

#include <QObject>
#include <QTimer>

#include <chrono>

namespace Carillon {

class Metrics;
class SqliteStorage;

/// Looks at the machine's clocks every second, says in the log when they step or cannot be trusted,
/// and has storage remember server time every minute. Thread: main.
class ClockWatch final : public QObject
{
    Q_OBJECT
public:
    /// storage: null: nothing outlives the process. All outlive it.
    ClockWatch(ServerClock &clock, Metrics &metrics, SqliteStorage *storage);

private:
    void look();
    void keep();

    ServerClock &m_clock;
    Metrics &m_metrics;
    SqliteStorage *const m_storage;
    QTimer m_looking;
    QTimer m_keeping;
};

/// A duration as a log line tells it: "400 d 2 h", "3 min"; without its sign.
[[nodiscard]] QByteArray durationText(std::chrono::microseconds duration);

} // namespace Carillon
