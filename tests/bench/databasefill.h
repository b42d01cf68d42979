// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>

namespace Carillon::Bench {

/// What a filled database has, to be asked for; UAIDs and the like in hexadecimal.
struct Filled
{
    std::string uaid;
    std::string channel;
    std::string sender;
    std::int64_t clients = 0;
    std::int64_t messages = 0;
};

/// Fills a database that the server has made and closed (fill.sql), without its triggers and before
/// its indexes, which are made anew.
[[nodiscard]] Result<Filled, std::string> fillDatabase(const std::string &path, int clients);

} // namespace Carillon::Bench
