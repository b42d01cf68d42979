// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/timerwheel.h"

#include <QObject>

#include <chrono>
#include <optional>

class QTimer;

namespace Carillon {

/// A timer wheel driven by the Qt event loop through one QTimer, which runs only while a time-out
/// does. Owns: the wheel. Thread: the one it lives in.
class Timers final : public QObject
{
    Q_OBJECT
public:
    explicit Timers(QObject *parent = nullptr);

    /// Starts or restarts a timer; it fires no earlier than after `delay`.
    void start(Timer &timer, std::chrono::milliseconds delay);

private:
    void tick();
    void arm();

    TimerWheel m_wheel;
    QTimer *m_timer; // child
    std::optional<Instant> m_armed;
};

} // namespace Carillon
