// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/reliability/timeline.h"

#include <QByteArray>
#include <QDate>
#include <QJsonObject>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// What became of the tracked messages that were received on one day (UTC).
struct ReliabilityReport
{
    using Duration = std::chrono::microseconds;

    /// How long delivered messages took, from received to delivered.
    struct DeliveryTimes
    {
        Duration shortest {};
        Duration median {};
        Duration p95 {};
        Duration longest {};
        bool operator==(const DeliveryTimes &) const = default;
    };
    /// A state, and the time that messages took to it from their milestone before.
    struct StateTimes
    {
        MessageState state {};
        /// How many messages reached it; each counts as often as it did.
        std::int64_t count = 0;
        Duration total {};
        Duration mean {};
        Duration median {};
        bool operator==(const StateTimes &) const = default;
    };

    QDate date;
    std::int64_t total = 0;
    /// Present states, by toIndex().
    std::array<std::int64_t, MessageStateCount> inState {};
    /// Absent: none was delivered.
    std::optional<DeliveryTimes> delivery = {};
    /// Those that were reached, in the order of the way.
    std::vector<StateTimes> states = {};

    [[nodiscard]] std::int64_t count(MessageState state) const { return inState[toIndex(state)]; }
    /// Messages that are in no terminal state.
    [[nodiscard]] std::int64_t open() const;
    /// Delivered ones of all, 0 to 1; absent: there are none.
    [[nodiscard]] std::optional<double> shareDelivered() const;
};

/// Makes a report of timelines, which are given to it one by one, in any order.
class ReportBuilder
{
public:
    void add(const Timeline &timeline);
    [[nodiscard]] ReliabilityReport report(QDate date) const;

private:
    using Durations = std::vector<std::int64_t>; // microseconds

    std::int64_t m_total = 0;
    std::array<std::int64_t, MessageStateCount> m_inState {};
    Durations m_delivery;
    std::array<Durations, MessageStateCount> m_toState;
};

/// The first moment of a day in server time, which is about UTC.
[[nodiscard]] Time beginOf(QDate date);
[[nodiscard]] QDate dateOf(Time time);

/// Durations in seconds.
[[nodiscard]] QJsonObject toJson(const ReliabilityReport &report);
[[nodiscard]] QByteArray toMarkdown(const ReliabilityReport &report);

} // namespace Carillon
