// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"

#include <chrono>

namespace Carillon {

/// Why a request failed, and when it may be sent again where its status allows that.
struct Refusal
{
    Refusal(ErrorCode code, std::chrono::seconds wait = std::chrono::seconds(30))
        : why(code), retryAfter(wait)
    {
    }
    ErrorCode why;
    std::chrono::seconds retryAfter;
};

} // namespace Carillon
