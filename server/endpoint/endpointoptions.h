// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace Carillon {

/// What a push may be.
struct EndpointOptions
{
    std::int64_t maxDataBytes = 5'630;
    /// Greater TTLs are lowered to it.
    std::chrono::seconds maxNotificationTtl { 2'592'000 };
};

} // namespace Carillon
