// SPDX-License-Identifier: MPL-2.0
#include "server/senders/senderbook.h"

#include <algorithm>

namespace Carillon {

void SenderBook::recorded(const AnyFact &fact)
{
    if (const auto *const accepted = std::get_if<Fact::PushAccepted>(&fact)) {
        count(accepted->senderKeyHash, accepted->senderSubject, [&](SenderRecord &sender) {
            ++sender.accepted;
            sender.bytes += accepted->size;
        });
    } else if (const auto *const refused = std::get_if<Fact::PushRefused>(&fact)) {
        count(refused->senderKeyHash, refused->senderSubject, [&](SenderRecord &sender) {
            ++sender.refused;
            const auto error = std::ranges::find(sender.errors, refused->why,
                                                 [](const auto &one) { return one.first; });
            if (error != sender.errors.end())
                ++error->second;
            else
                sender.errors.emplace_back(refused->why, 1);
        });
    }
}

template<typename Count>
void SenderBook::count(QByteArrayView keyHash, QByteArrayView subject, Count add)
{
    if (keyHash.isEmpty())
        return;
    Shard &shard = m_shards[static_cast<std::uint8_t>(keyHash[0]) % ShardCount];
    const MutexLock lock(shard.mutex);
    SenderRecord &sender = recordOf(shard, keyHash);
    const QByteArrayView kept = subject.first(std::min(subject.size(), MaxSubject));
    if (!kept.isEmpty() && sender.subject != kept)
        sender.subject = kept.toByteArray();
    sender.last = m_clock.now();
    add(sender);
}

SenderRecord &SenderBook::recordOf(Shard &shard, QByteArrayView keyHash)
{
    const auto known = shard.senders.find(QByteArray::fromRawData(keyHash.data(), keyHash.size()));
    if (known != shard.senders.end())
        return *known;
    if (shard.senders.size() >= MaxInShard) {
        const auto oldest =
            std::min_element(shard.senders.begin(), shard.senders.end(),
                             [](const SenderRecord &left, const SenderRecord &right) {
                                 return left.last < right.last;
                             });
        shard.senders.erase(oldest);
    }
    SenderRecord sender;
    sender.keyHash = keyHash.toByteArray();
    sender.first = m_clock.now();
    return *shard.senders.insert(sender.keyHash, sender);
}

template<typename Wanted> std::vector<SenderRecord> SenderBook::select(Wanted wanted) const
{
    std::vector<SenderRecord> found;
    for (const Shard &shard : m_shards) {
        const MutexLock lock(shard.mutex);
        for (const SenderRecord &sender : shard.senders) {
            if (wanted(sender))
                found.push_back(sender);
        }
    }
    return found;
}

std::vector<SenderRecord> SenderBook::all() const
{
    return select([](const SenderRecord &) { return true; });
}

std::vector<SenderRecord> SenderBook::find(QByteArrayView prefix) const
{
    return select([&](const SenderRecord &sender) { return sender.keyHash.startsWith(prefix); });
}

std::vector<SenderRecord> SenderBook::findSubject(QByteArrayView subject) const
{
    return select([&](const SenderRecord &sender) { return sender.subject == subject; });
}

} // namespace Carillon
