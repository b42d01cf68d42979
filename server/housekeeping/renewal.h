// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <cstddef>
#include <vector>

namespace Carillon {

class ClientRegistry;
class Mailbox;
class Storage;

/// How often clients that stay connected are renewed: four times in their lifetime, and once a day.
[[nodiscard]] std::chrono::milliseconds renewalInterval(std::chrono::seconds clientLifetime);

/// Keeps clients that stay connected from expiring. It renews them a batch at a time and asks for
/// the next batch when one is done, so that a push in between waits for one of them at most.
/// Thread: main; completions of the storage come back through the mailbox, which outlives the
/// storage.
class Renewal final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::ptrdiff_t BatchSize = 250;

    Renewal(Storage &storage, const ClientRegistry &registry, Mailbox &mailbox,
            std::chrono::seconds clientLifetime);

    void start();
    void stop();
    /// Renews all of them now.
    void beginRound();

private:
    void renewBatch();
    void batchDone(const std::vector<Uaid> &batch, bool done);

    Storage &m_storage;
    const ClientRegistry &m_registry;
    Mailbox &m_mailbox;
    const std::chrono::milliseconds m_interval;
    std::vector<Uaid> m_left; // of the present round
    bool m_isBusy = false; // a batch is on its way
    std::chrono::milliseconds m_pause {};
    QTimer m_round;
    QTimer m_next;
};

} // namespace Carillon
