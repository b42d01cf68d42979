// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/journal/eventquery.h"
#include "server/admin/problem.h"
#include "server/logging/logring.h"

#include <QByteArrayView>

#include <optional>

namespace Carillon {

/// What a client of the live feed wants to be told. Thread: any; a value.
struct LiveSubscription
{
    bool stats = false;
    std::optional<EventQuery> events = {};
    std::optional<LogQuery> logs = {};

    /// {"subscribe":["stats","events","logs"],"events":{filters},"logs":{filters}}
    [[nodiscard]] static Result<LiveSubscription, Problem> parse(QByteArrayView text);
};

} // namespace Carillon
