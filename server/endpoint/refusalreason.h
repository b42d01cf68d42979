// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/errorcode.h"

#include <QByteArrayList>
#include <QString>

#include <cstdint>

namespace Carillon {

struct HttpRequest;

/// What pushes were judged by.
struct PushRules
{
    /// What a token's aud may be.
    QByteArrayList audiences;
    std::int64_t maxDataBytes;
    WallTime now;
};

/// Why a push was refused, for the log of a developer: what was wanted and what came. Quotes single
/// claims and headers, cut where they are long; holds no token, key or payload.
[[nodiscard]] QString refusalReason(ErrorCode why, const HttpRequest &push, const PushRules &rules);

} // namespace Carillon
