// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/write.h"

#include <type_traits>

namespace Carillon {

namespace {

template<typename T, typename... Kinds>
constexpr bool IsOneOf = (std::is_same_v<std::remove_cvref_t<T>, Kinds> || ...);

} // namespace

bool isRemoval(const Write &write)
{
    return std::visit(
        [](const auto &what) {
            return IsOneOf<decltype(what), RemoveSuperseded, RemoveMessage, RemoveTopic,
                           RemoveClient, RemoveChannel, RemoveExpired>;
        },
        write);
}

void resetOutcome(Write &write)
{
    std::visit(
        [](auto &what) {
            if constexpr (IsOneOf<decltype(what), RemoveSuperseded>)
                what.superseded.clear();
            else if constexpr (!IsOneOf<decltype(what), ReadAfter>)
                what.call.outcome = Unexpected(ErrorCode::StorageUnavailable);
        },
        write);
}

void complete(Write &write)
{
    std::visit(
        [](auto &what) {
            using What = std::remove_cvref_t<decltype(what)>;
            if constexpr (std::is_same_v<What, ReadAfter>) {
                what.read(what.inTurn);
            } else if constexpr (std::is_same_v<What, RemoveSuperseded>) {
                // Its client has it: no failure can change that.
                StoreOutcome outcome { StoreOutcome::State::Acknowledged, what.key, {}, 0 };
                outcome.removed = std::move(what.superseded);
                what.stored(std::move(outcome));
                what.removed(true);
            } else {
                what.call.complete();
            }
        },
        write);
}

std::int64_t weight(const Write &write)
{
    constexpr std::int64_t Base = sizeof(Write) + 64;
    constexpr std::size_t BytesPerMilestone = sizeof(MilestoneRecord) + 64;
    if (const auto *store = std::get_if<StoreMessage>(&write))
        return Base + storedSize(store->message);
    if (const auto *renew = std::get_if<RenewClients>(&write))
        return Base + static_cast<std::int64_t>(renew->uaids.size()) * Uaid::Size;
    if (const auto *milestones = std::get_if<RecordMilestones>(&write))
        return Base + static_cast<std::int64_t>(milestones->records.size() * BytesPerMilestone);
    return Base;
}

} // namespace Carillon
