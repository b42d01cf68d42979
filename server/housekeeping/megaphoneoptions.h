// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QUrl>

#include <chrono>

namespace Carillon {

/// Where versions of broadcasts come from.
struct MegaphoneOptions
{
    /// Empty: no broadcasts.
    QUrl apiUrl;
    std::chrono::milliseconds pollInterval { 30'000 };
};

} // namespace Carillon
