// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QString>

#include <chrono>
#include <cstdint>

namespace Carillon {

/// The settings of the history (docs/history.md).
struct HistoryOptions
{
    /// Events that are kept in memory; 0: there is no history.
    std::int64_t events = 200'000;
    /// Also keep events in this file; empty: none.
    QString path;
    /// How long the file keeps an event.
    std::chrono::seconds retention = std::chrono::days(7);
    /// Most bytes of the file.
    std::int64_t maxBytes = std::int64_t { 1 } << 30;
    /// Keep a keyed hash in place of each UAID.
    bool hashUaids = false;
};

} // namespace Carillon
