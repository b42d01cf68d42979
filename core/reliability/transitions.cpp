// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/transitions.h"

#include <array>

namespace Carillon {
namespace {

using VerdictTable = std::array<std::array<Verdict, MessageStateCount>, MessageStateCount>;

VerdictTable makeVerdicts()
{
    using enum MessageState;
    constexpr auto Steps = std::to_array<Transition>({
        { Received, Stored },
        { Received, IntTransmitted },
        { Received, BridgeTransmitted },
        { Received, Transmitted },
        { Received, Errored },
        { Stored, Retrieved },
        { Stored, IntTransmitted }, // Carillon commits a message before it hands it over
        { IntTransmitted, IntAccepted },
        { IntTransmitted, Retrieved }, // the node reads it from storage, in its turn
        { IntTransmitted, Stored }, // the node did not take it
        { IntAccepted, Transmitted },
        { IntAccepted, Errored },
        { Retrieved, Transmitted },
        { Transmitted, Accepted },
        { Transmitted, Stored }, // the connection has ended, and it waits again
        { Transmitted, Errored },
        { Accepted, Delivered },
        { Accepted, DecryptionError },
        { Accepted, NotDelivered },
    });
    // The node did not take a message that is not stored. No way leads on over this step: what was
    // received already is not received again.
    constexpr Transition Returned { IntTransmitted, Received };

    VerdictTable table {};
    const auto at = [&table](Transition step) -> Verdict & {
        return table[toIndex(step.from)][toIndex(step.to)];
    };
    for (auto &row : table)
        row.fill(Verdict::Impossible);
    for (const Transition &step : Steps)
        at(step) = Verdict::Allowed;
    // The TTL ends wherever a message is.
    for (int i = 0; i < MessageStateCount; ++i) {
        if (const auto state = static_cast<MessageState>(i); !isTerminal(state))
            at({ state, MessageState::Expired }) = Verdict::Allowed;
    }
    // What several steps reach.
    for (std::size_t by = 0; by < MessageStateCount; ++by) {
        for (std::size_t from = 0; from < MessageStateCount; ++from) {
            for (std::size_t to = 0; to < MessageStateCount; ++to) {
                if (from != to && table[from][to] == Verdict::Impossible
                    && table[from][by] != Verdict::Impossible
                    && table[by][to] != Verdict::Impossible)
                    table[from][to] = Verdict::Gap;
            }
        }
    }
    at(Returned) = Verdict::Allowed;
    return table;
}

} // namespace

Verdict judge(Transition step)
{
    static const VerdictTable table = makeVerdicts();
    return table[toIndex(step.from)][toIndex(step.to)];
}

} // namespace Carillon
