// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/diagnosis/diagnosis.h"

#include <QByteArray>

#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// What a look-up has found out about a sender.
struct SenderFindings
{
    Time now;
    /// SHA-256 of its VAPID public key.
    QByteArray keyHash;
    bool isBlocked = false;
    /// Pushes that this process has received from it; 0: none, or long ago.
    std::int64_t pushes = 0;
    std::int64_t refused = 0;
    std::optional<Time> lastPush {};
    /// Subscriptions that are restricted to its key.
    std::int64_t subscriptions = 0;
    /// Its pushes, in the order of their ids.
    std::vector<Event> events {};
    bool hasHistory = true;
};

/// Judges how a sender's pushes end. `messages` stays empty. As diagnose() otherwise.
[[nodiscard]] Diagnosis diagnoseSender(const SenderFindings &findings);

} // namespace Carillon
