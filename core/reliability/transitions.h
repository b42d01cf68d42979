// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/reliability/messagestate.h"

namespace Carillon {

/// A step of a message from one state to the next.
struct Transition
{
    MessageState from;
    MessageState to;
    bool operator==(const Transition &) const = default;
};

/// What the table of transitions says of a step.
enum class Verdict : std::uint8_t {
    Allowed, ///< the table has it
    Gap, ///< states between the two were not recorded, for example because a process died
    Impossible, ///< no way leads there: to the same state, out of a terminal one, …
};

[[nodiscard]] Verdict judge(Transition step);

} // namespace Carillon
