// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/base/serverclock.h"
#include "server/housekeeping/megaphone.h"

#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace Carillon {

class ClientRegistry;
class ClockWatch;
class Janitor;
class Journal;
class Mailbox;
class Metrics;
class RecordWatch;
class Renewal;
class Storage;
class Worker;

/// Everything that a server does from time to time, started and stopped together.
/// Owns: the timers and what they run. Thread: main. Outlives the storage, whose answers name what
/// it owns.
class Housekeeping
{
public:
    /// All outlive it but storage, which is not asked any more once it is gone.
    struct Dependencies
    {
        Storage &storage;
        const ClientRegistry &registry;
        ServerClock &clock;
        Journal &journal;
        Metrics &metrics;
        Mailbox &mailbox;
    };
    struct Duties
    {
        std::chrono::seconds clientLifetime;
        /// Whether clients connect here, whose records are to be renewed.
        bool renewsClients = false;
        /// This process in records that other processes change; absent: there are none.
        std::optional<NodeId> sharesRecordsAs = {};
        /// Has storage remember server time.
        std::function<void()> keepClock;
        /// Copies what is measured elsewhere, such as the statistics of storage, to the metrics.
        std::function<void()> publishFigures;
    };

    explicit Housekeeping(const Dependencies &dependencies);
    ~Housekeeping();

    /// Polls the megaphone for the first time and waits for its answer, so that the first client
    /// is already told of broadcasts; then polls on. worker: which sends that first poll.
    void startMegaphone(const MegaphoneOptions &options, Worker &worker,
                        Megaphone::Changed changed);
    void start(const Duties &duties);
    /// Begins nothing more; the clock is watched and figures are published until the end.
    void stop();

private:
    Dependencies m_dependencies;
    std::unique_ptr<Megaphone> m_megaphone; // null: no broadcasts
    std::unique_ptr<ClockWatch> m_clockWatch;
    std::unique_ptr<Janitor> m_janitor;
    std::unique_ptr<Renewal> m_renewal; // null where no clients connect
    std::unique_ptr<RecordWatch> m_recordWatch; // null unless other processes share the records
    QTimer m_figures;
};

} // namespace Carillon
