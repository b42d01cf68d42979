// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/journallistener.h"
#include "server/journal/factmetrics.h"

#include <vector>

namespace Carillon {

/// Where the rooms of the server report what happens to messages, clients and connections. Metrics
/// are counted without indirection. Without listeners, a fact costs what its counters cost and one
/// branch.
/// Owns: none of its listeners. Thread: any for record(). It and its listeners outlive all callers
/// of record().
class Journal
{
public:
    explicit Journal(Metrics &metrics) : m_metrics(metrics) { }
    Journal(const Journal &) = delete;
    Journal &operator=(const Journal &) = delete;

    /// Called before anything is recorded.
    void addListener(JournalListener &listener) { m_listeners.push_back(&listener); }

    /// Whether a fact is told to anybody.
    [[nodiscard]] bool hasListeners() const { return !m_listeners.empty(); }

    /// F: a type of AnyFact.
    template<typename F> void record(const F &fact)
    {
        m_metrics.count(fact);
        if (!m_listeners.empty()) [[unlikely]]
            tell(AnyFact(std::in_place_type<F>, fact));
    }

private:
    void tell(const AnyFact &fact) const;

    FactMetrics m_metrics;
    std::vector<JournalListener *> m_listeners;
};

} // namespace Carillon
