// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>

#include <chrono>
#include <vector>

namespace Carillon {

/// Whose messages are tracked, and for how long what was recorded is kept.
struct ReliabilityOptions
{
    /// VAPID public keys, raw points.
    std::vector<QByteArray> trackingKeys;
    bool trackAll = false;
    std::chrono::seconds retention = std::chrono::days(60);
};

} // namespace Carillon
