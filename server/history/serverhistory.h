// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/history/eventrecorder.h"
#include "server/history/eventring.h"
#include "server/history/history.h"
#include "server/history/historykeeper.h"
#include "server/history/historyoptions.h"

#include <QByteArray>

#include <atomic>
#include <shared_mutex>
#include <vector>

namespace Carillon {

class Metrics;

/// The history of this process: what its recorder is told, in memory and perhaps in a file.
/// Owns: the ring and the file. Thread: any. The clock outlives it, and nothing is recorded when it
/// is destroyed.
class ServerHistory final : public History, private EventSink
{
public:
    /// options.events is above 0. secrets: what the hashes of UAIDs are keyed with; the first one
    /// for new events, all of them to find events.
    ServerHistory(const HistoryOptions &options, const QList<QByteArray> &secrets,
                  const Clock &clock);
    ~ServerHistory() override;

    /// To be added to the journal.
    [[nodiscard]] JournalListener &recorder() { return m_recorder; }
    /// Zeros without a file.
    [[nodiscard]] HistoryFileStats fileStats() const;
    void publishStats(Metrics &metrics) const;
    /// Waits until the events so far are in the file.
    void flush();

    void find(EventQuery query, Completion<std::vector<Event>> done) override;
    [[nodiscard]] std::vector<Event> recent(const EventQuery &query) const override;
    [[nodiscard]] std::uint64_t newestId() const override { return m_ring.newestId(); }
    void addListener(EventListener &listener) override;
    void removeListener(EventListener &listener) override;

private:
    void add(CompactEvent &event, QByteArrayView text, QByteArrayView subject) override;
    void tell(const CompactEvent &event, QByteArrayView text, QByteArrayView subject);
    void markHashed(std::vector<Event> &events) const;
    [[nodiscard]] std::vector<Uaid> formsOf(const Uaid &uaid) const;

    const std::vector<QByteArray> m_hashKeys; // of history.hash_uaids
    std::unique_ptr<HistoryFile> m_opened; // until the keeper has it
    EventRing m_ring;
    EventRecorder m_recorder;
    std::unique_ptr<HistoryKeeper> m_keeper; // null: there is no file
    std::atomic<int> m_listenerCount = 0;
    std::shared_mutex m_listenersMutex;
    std::vector<EventListener *> m_listeners; // guarded by m_listenersMutex
};

} // namespace Carillon
