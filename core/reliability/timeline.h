// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/reliability/messagestate.h"

#include <QByteArray>

#include <vector>

namespace Carillon {

/// A tracked message has reached a state.
struct Milestone
{
    MessageState state {};
    Time at;
    bool operator==(const Milestone &) const = default;
};

/// What was recorded of a tracked message.
struct Timeline
{
    /// Notification::reliabilityId
    QByteArray id;
    /// Not necessarily that of the last milestone: a step that the table of transitions does not
    /// have is recorded, but changes no state.
    MessageState state {};
    /// In the order of time; at least one.
    std::vector<Milestone> milestones {};
    bool operator==(const Timeline &) const = default;
};

} // namespace Carillon
