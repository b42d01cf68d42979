// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>

namespace Carillon {

/// The orderly end of a server, within a period:
///
///     start()                    storage gets a deadline; no new work, clients are closed
///       │ nothing is open ─────► finished()
///       ▼
///     shortly before the end     storage has given up what it cannot write; open requests are
///       │ nothing is open ─────► finished()                                   refused
///       ▼
///     the period is over ──────► finished(), whatever is still open
///
/// Thread: main.
class Drain final : public QObject
{
    Q_OBJECT
public:
    /// What a drain has others do, on the main thread.
    struct Steps
    {
        /// From this time on storage waits for no other process.
        std::function<void(Instant)> finishStorageBy;
        std::function<void()> stopServing;
        /// How much of what was begun is not done: requests, clients, deliveries to other nodes.
        std::function<int()> openWork;
        /// Storage's deadline does not end a commit that hangs in the disk: whoever still waits
        /// is told that it failed.
        std::function<void()> refuseOpenRequests;
    };

    /// The clock outlives it.
    Drain(const Clock &clock, std::chrono::milliseconds period, Steps steps);

    void start();

Q_SIGNALS:
    /// Nothing is open any more, or the period is over. Once.
    void finished();

private:
    void check();
    void finish();

    const Clock &m_clock;
    const std::chrono::milliseconds m_period;
    const Steps m_steps;
    QTimer m_checking;
    QTimer m_lastAnswers;
    QTimer m_limit;
};

} // namespace Carillon
