// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/storage/storage.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <cstddef>
#include <vector>

namespace Carillon {

class ClientRegistry;
class Mailbox;

/// Compares the connections of this process with the records of their clients, which other
/// processes change: they clear the node of a client that they take for gone, claim the client for
/// a connection of their own, and may die before they hand over what they have stored. Each
/// connection whose record says something new is given it (ClientPort::review()).
///
/// It reads a batch at a time with a pause after each, so that a round over 100,000 clients takes a
/// minute and little of anything else; a round over few begins every five seconds. When the process
/// has stood still, the next round begins at once and makes haste.
/// Thread: main; answers of the storage come back through the mailbox, which outlives the storage.
class RecordWatch final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::ptrdiff_t BatchSize = 250;

    /// node: this process, as records name it. interval: between the beginnings of two rounds, at
    /// least.
    RecordWatch(Storage &storage, const ClientRegistry &registry, Mailbox &mailbox, NodeId node,
                std::chrono::milliseconds interval = std::chrono::seconds(5));

    void start();
    void stop();

private:
    void next();
    void readBatch();
    void batchRead(const Result<std::vector<ClientNews>> &news);
    void wait(std::chrono::milliseconds pause);

    Storage &m_storage;
    const ClientRegistry &m_registry;
    Mailbox &m_mailbox;
    const NodeId m_node;
    const std::chrono::milliseconds m_interval;
    std::vector<Uaid> m_left; // of the present round
    Instant m_nextRound {};
    Instant m_due {}; // when the timer is to fire
    bool m_isHasty = false;
    bool m_isStopped = true;
    QTimer m_timer;
};

} // namespace Carillon
