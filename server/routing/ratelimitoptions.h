// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/tokenbucket.h"

#include <chrono>

namespace Carillon {

/// How often senders may push and clients may register; a rate that is not given has no limit.
struct RateLimitOptions
{
    Rate sender;
    Rate subscription;
    Rate address;
    Rate registration { 1, std::chrono::seconds(1), 5'000 };
    Rate clientRegistration { 10, std::chrono::minutes(1), 500 };
    Rate newClient { 600, std::chrono::hours(1), 2'000 };
};

} // namespace Carillon
