// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/reliability/timeline.h"
#include "core/reliability/transitions.h"
#include "core/storage/storage.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// One milestone of a tracked message, as it was recorded.
struct MilestoneRecord
{
    QByteArray id;
    Milestone milestone;
    /// When the message's TTL ends, where the recorder knows it.
    std::optional<Time> expires {};
};

/// How many tracked messages are in each state, by toIndex().
using StateCounts = std::array<std::int64_t, MessageStateCount>;

struct RecordOutcome
{
    StateCounts counts {};
    /// Steps that were impossible. They are in the timelines, but have changed no state.
    std::vector<Transition> anomalies {};
    /// Steps over states that were not recorded.
    int gaps = 0;
};

struct TidyOutcome
{
    /// Messages that went to `expired`.
    int expired = 0;
    /// Messages whose timelines were removed.
    int removed = 0;
    StateCounts counts {};
    /// Whether there may be more to do.
    bool more = false;
};

/// Where a page of timelines ended. Opaque.
struct TimelineCursor
{
    Time received;
    std::int64_t row = 0;
};

/// Which timelines to read: those that began in [from, to), in the order of that time.
struct TimelineQuery
{
    Time from;
    Time to;
    int limit = 1000;
    /// TimelinePage::next of the page before.
    std::optional<TimelineCursor> after {};
};

struct TimelinePage
{
    std::vector<Timeline> timelines;
    /// Absent: there are no more.
    std::optional<TimelineCursor> next {};
};

/// What a milestone does to a message that is in a state.
struct Advance
{
    Verdict verdict = Verdict::Allowed;
    /// Whether the message is in the new state from then on.
    bool moves = false;
};

/// present: the message's state and since when. A milestone that is older comes late, from another
/// process, and is not judged.
[[nodiscard]] inline Advance advance(const Milestone &present, const Milestone &next)
{
    if (next.at < present.at)
        return {};
    const Verdict verdict = judge({ present.state, next.state });
    return { verdict, verdict != Verdict::Impossible };
}

/// When a message expires whose TTL nobody has recorded: later than any.
inline constexpr std::chrono::days UnknownTtl { 30 };

/// What is kept of tracked messages: how many are in which state, and a timeline of each. It knows
/// neither clients nor senders.
///
/// Thread and completions as for Storage. Errors: StorageUnavailable; a failed call has no effect.
class ReliabilityStore
{
public:
    ReliabilityStore() = default;
    virtual ~ReliabilityStore() = default;
    ReliabilityStore(const ReliabilityStore &) = delete;
    ReliabilityStore &operator=(const ReliabilityStore &) = delete;

    /// Adds milestones to timelines, and moves their messages to the states reached. A milestone
    /// that is older than the present state comes late, from another process: it changes no state.
    /// Later writes wait for all of them, so callers pass some hundred at a time. A failure of this
    /// call fails no other.
    virtual void recordMilestones(std::vector<MilestoneRecord> records,
                                  Completion<RecordOutcome> done) = 0;

    /// Moves messages whose TTL ended before expiredBefore to `expired` if they are in no terminal
    /// state, and removes timelines that began before removedBefore; at most limit of each. One
    /// process does it for all that share the storage; for the others there is nothing to do.
    virtual void tidyTimelines(Time expiredBefore, Time removedBefore, int limit,
                               Completion<TidyOutcome> done) = 0;

    virtual void countStates(Completion<StateCounts> done) = 0;

    /// nullopt: there is no such message.
    virtual void findTimeline(QByteArray id, Completion<std::optional<Timeline>> done) = 0;
    virtual void findTimelines(TimelineQuery query, Completion<TimelinePage> done) = 0;
};

} // namespace Carillon
