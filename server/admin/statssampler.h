// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QJsonObject>
#include <QString>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace Carillon {

class Metrics;

/// The figures of /stats, in the order of Series.
enum class Figure : std::uint8_t {
    Connections,
    Connects, ///< clients that connected, per second
    Pushes, ///< received, per second
    Accepted, ///< answered 201, per second
    Delivered, ///< sent to clients, per second
    Acked, ///< per second
    Stored, ///< messages written, per second
    Expired, ///< per second
    Errors, ///< pushes refused, per second
    StorageQueue, ///< writes and reads that wait
    StorageBytes,
    Cpu, ///< percent of one core
    Memory, ///< bytes
    Descriptors,
};
inline constexpr int FigureCount = static_cast<int>(Figure::Descriptors) + 1;

/// The figures of a second, or the averages of a longer time.
using Figures = std::array<float, FigureCount>;

/// The name of a series in /stats/history.
[[nodiscard]] QString figureName(Figure figure);

/// Figures of this moment, and of the past: each second of the last 15 minutes, each minute of the
/// last 48 hours. They take 212 KB. sample() is called once a second.
/// Thread: the admin thread. The metrics and the clock outlive it.
class StatsSampler
{
public:
    static constexpr std::size_t MostSeconds = 15 * 60;
    static constexpr std::size_t MostMinutes = 48 * 60;

    StatsSampler(const Metrics &metrics, const Clock &clock);

    void sample();

    /// The body of /stats.
    [[nodiscard]] QJsonObject now() const;
    /// The body of /stats/history: points every `step` seconds (1 or 60) since `from`.
    [[nodiscard]] QJsonObject history(int step, const std::optional<WallTime> &from) const;

private:
    struct Point
    {
        WallTime time; // of its end
        Figures figures {};
    };
    using Points = std::deque<Point>;

    /// What the counters said.
    struct Counted
    {
        Instant at {};
        std::int64_t cpuMicroseconds = 0;
        std::array<std::int64_t, FigureCount> counters {};
        std::vector<std::int64_t> errors = {}; // by ErrorCode
    };

    [[nodiscard]] Counted count() const;
    void takeMinute(const Point &point);

    const Metrics &m_metrics;
    const Clock &m_clock;
    Counted m_last;
    Points m_seconds;
    Points m_minutes;
    Point m_minute; // sums
    int m_inMinute = 0;
    std::vector<double> m_errorRates; // by ErrorCode
    float m_descriptors = 0;
    int m_untilDescriptors = 0;
};

} // namespace Carillon
