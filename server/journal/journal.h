// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/journallistener.h"
#include "server/journal/metricslistener.h"

#include <type_traits>
#include <vector>

namespace Carillon {

/// Where the rooms of the server report what happens to messages, clients and connections. Metrics
/// listen always and are called without indirection; while nobody else listens, a fact costs what
/// its counters do and one branch.
/// Owns: none of its listeners. Thread: any for record(); it and its listeners outlive whoever
/// records.
class Journal
{
public:
    explicit Journal(Metrics &metrics) : m_metrics(metrics) { }
    Journal(const Journal &) = delete;
    Journal &operator=(const Journal &) = delete;

    /// Called before anything is recorded.
    void addListener(JournalListener &listener) { m_listeners.push_back(&listener); }

    template<typename F>
    requires std::is_constructible_v < AnyFact, std::in_place_type_t<F>,
    const F & > void record(const F &fact)
    {
        m_metrics.count(fact);
        if (!m_listeners.empty()) [[unlikely]]
            tell(AnyFact(std::in_place_type<F>, fact));
    }

private:
    void tell(const AnyFact &fact) const;

    MetricsListener m_metrics;
    std::vector<JournalListener *> m_listeners;
};

} // namespace Carillon
