// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <chrono>

namespace Carillon {

/// How clients and their WebSockets are treated.
struct ConnectOptions
{
    std::chrono::milliseconds openHandshakeTimeout { 5'000 };
    std::chrono::milliseconds autoPingInterval { 300'000 };
    std::chrono::milliseconds autoPingTimeout { 4'000 };
    /// How often a client whose output is over its high-water mark must have read some of it.
    std::chrono::milliseconds slowReaderTimeout { 30'000 };
    int maxChannels = 2'000;
};

} // namespace Carillon
