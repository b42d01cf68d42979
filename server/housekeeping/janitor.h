// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QObject>
#include <QTimer>

#include <chrono>

namespace Carillon {

class Journal;
class Mailbox;
class Storage;

/// How long after a start, or after the machine was suspended, no client is removed, so that
/// clients can reconnect first.
[[nodiscard]] std::chrono::seconds patienceWithClients(std::chrono::seconds clientLifetime);

/// Has storage remove what has expired, a batch at a time.
/// Thread: main; completions of the storage come back through the mailbox, which outlives the
/// storage.
class Janitor final : public QObject
{
    Q_OBJECT
public:
    Janitor(Storage &storage, const Clock &clock, Journal &journal, Mailbox &mailbox,
            std::chrono::seconds clientLifetime);

    void start();
    void stop() { m_round.stop(); }

Q_SIGNALS:
    /// More time has passed than this process has run: it was suspended.
    void wasSuspended();

private:
    void beginRound();
    void removeBatch();

    Storage &m_storage;
    const Clock &m_clock;
    Journal &m_journal;
    Mailbox &m_mailbox;
    const std::chrono::seconds m_patience;
    const std::chrono::seconds m_interval;
    Time m_lastRound;
    Time m_sparesClientsUntil;
    QTimer m_round;
};

} // namespace Carillon
