// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memoryreliabilitystore.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace Carillon {

void MemoryReliabilityStore::recordMilestones(std::vector<MilestoneRecord> records,
                                              Completion<RecordOutcome> done)
{
    RecordOutcome outcome;
    {
        const MutexLock lock(m_mutex);
        for (const MilestoneRecord &each : records)
            record(each, outcome);
        outcome.counts = counts();
    }
    done(std::move(outcome));
}

void MemoryReliabilityStore::record(const MilestoneRecord &record, RecordOutcome &outcome)
{
    const Milestone &next = record.milestone;
    const auto [place, isNew] = m_messages.try_emplace(record.id);
    Message &message = place->second;
    Timeline &timeline = message.timeline;
    Advance step { .moves = true };
    if (isNew) {
        timeline.id = record.id;
        message.row = ++m_lastRow;
        message.expires = record.expires.value_or(next.at + UnknownTtl);
    } else {
        step = advance({ timeline.state, message.changed }, next);
        if (step.verdict == Verdict::Gap)
            ++outcome.gaps;
        else if (step.verdict == Verdict::Impossible)
            outcome.anomalies.push_back({ timeline.state, next.state });
        if (!step.moves && message.expires && record.expires)
            message.expires = record.expires;
    }
    if (step.moves) {
        timeline.state = next.state;
        message.changed = next.at;
        if (isTerminal(next.state))
            message.expires.reset();
    }
    auto &milestones = timeline.milestones;
    const auto isBefore = [](const Milestone &a, const Milestone &b) {
        return std::tie(a.at, a.state) < std::tie(b.at, b.state);
    };
    const auto at = std::ranges::lower_bound(milestones, next, isBefore);
    if (at == milestones.end() || *at != next)
        milestones.insert(at, next);
}

StateCounts MemoryReliabilityStore::counts() const
{
    StateCounts counts {};
    for (const auto &[id, message] : m_messages)
        ++counts[toIndex(message.timeline.state)];
    return counts;
}

void MemoryReliabilityStore::tidyTimelines(Time expiredBefore, Time removedBefore, int limit,
                                           Completion<TidyOutcome> done)
{
    TidyOutcome outcome;
    {
        const MutexLock lock(m_mutex);
        for (auto &[id, message] : m_messages) {
            if (outcome.expired == limit)
                break;
            if (!message.expires || *message.expires >= expiredBefore)
                continue;
            ++outcome.expired;
            message.expires.reset();
            message.changed = m_clock.now();
            message.timeline.state = MessageState::Expired;
            message.timeline.milestones.push_back({ MessageState::Expired, message.changed });
        }
        outcome.removed = static_cast<int>(std::erase_if(m_messages, [&](const auto &entry) {
            return entry.second.timeline.milestones.front().at < removedBefore;
        }));
        outcome.counts = counts();
        outcome.more = outcome.expired == limit;
    }
    done(outcome);
}

void MemoryReliabilityStore::countStates(Completion<StateCounts> done)
{
    StateCounts counted {};
    {
        const MutexLock lock(m_mutex);
        counted = counts();
    }
    done(counted);
}

void MemoryReliabilityStore::findTimeline(QByteArray id, Completion<std::optional<Timeline>> done)
{
    std::optional<Timeline> found;
    {
        const MutexLock lock(m_mutex);
        if (const auto entry = m_messages.find(id); entry != m_messages.end())
            found = entry->second.timeline;
    }
    done(std::move(found));
}

void MemoryReliabilityStore::findTimelines(TimelineQuery query, Completion<TimelinePage> done)
{
    TimelinePage page;
    {
        const MutexLock lock(m_mutex);
        using Key = std::pair<Time, std::int64_t>;
        std::map<Key, const Timeline *> sorted;
        for (const auto &[id, message] : m_messages) {
            const Key key { message.timeline.milestones.front().at, message.row };
            const bool isWanted = key.first >= query.from && key.first < query.to
                && (!query.after || key > Key { query.after->received, query.after->row });
            if (isWanted)
                sorted.emplace(key, &message.timeline);
        }
        for (const auto &[key, timeline] : sorted) {
            if (std::ssize(page.timelines) == query.limit)
                break;
            page.timelines.push_back(*timeline);
            if (std::ssize(page.timelines) == query.limit)
                page.next = TimelineCursor { key.first, key.second };
        }
    }
    done(std::move(page));
}

} // namespace Carillon
