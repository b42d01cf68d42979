// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/logthrottle.h"
#include "core/base/metricnames.h"

#include <QByteArray>
#include <QString>

#include <array>
#include <cstdint>
#include <functional>

namespace Carillon {

/// Counts and logs peers that speak TLS to a plain listener, or plain HTTP to a TLS listener. The
/// log has the first one, then at most one line a minute with the number of those in between.
/// One for the process. Thread: any.
class ProtocolFaults
{
public:
    enum class Fault : std::uint8_t { TlsOnPlain, PlainOnTls };
    /// Adds to a metric. Thread: any.
    using Count = std::function<void(Metric, std::int64_t by)>;

    explicit ProtocolFaults(Count count = {}) : m_count(std::move(count)) { }

    void add(Fault fault, const QString &listener, const QByteArray &peer,
             Instant now = std::chrono::steady_clock::now());

private:
    const Count m_count;
    std::array<LogThrottle, 2> m_log; // by Fault
};

} // namespace Carillon
