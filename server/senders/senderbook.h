// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/errorcode.h"
#include "core/base/mutex.h"
#include "core/journal/journallistener.h"

#include <QByteArray>
#include <QHash>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace Carillon {

/// What is known of a sender that has pushed to this process since it was started.
struct SenderRecord
{
    /// SHA-256 of its VAPID public key.
    QByteArray keyHash;
    /// The newest `sub` of its tokens, perhaps cut; empty: it gave none.
    QByteArray subject;
    std::int64_t accepted = 0;
    /// Of bodies.
    std::int64_t bytes = 0;
    std::int64_t refused = 0;
    /// Refused pushes by error, in no particular order.
    std::vector<std::pair<ErrorCode, std::int64_t>> errors;
    Time first;
    Time last;
};

/// Counts the pushes of each sender. Only senders whose token was verified are in it. Keeps at most
/// MaxSenders; a new one then takes the place of one that has not pushed for long.
/// Owns: the records. Thread: any.
class SenderBook final : public JournalListener
{
public:
    static constexpr qsizetype MaxSenders = 16'384;

    explicit SenderBook(const Clock &clock) : m_clock(clock) { }

    void recorded(const AnyFact &fact) override;

    /// All of them, in no particular order.
    [[nodiscard]] std::vector<SenderRecord> all() const;
    /// Those whose key hash begins so.
    [[nodiscard]] std::vector<SenderRecord> find(QByteArrayView prefix) const;
    /// Those with this subject.
    [[nodiscard]] std::vector<SenderRecord> findSubject(QByteArrayView subject) const;

private:
    static constexpr std::size_t ShardCount = 16;
    static constexpr qsizetype MaxInShard = MaxSenders / qsizetype(ShardCount);
    static constexpr qsizetype MaxSubject = 256;

    struct alignas(64) Shard
    {
        mutable Mutex mutex;
        QHash<QByteArray, SenderRecord> senders CARILLON_GUARDED_BY(mutex);
    };

    template<typename Count> void count(QByteArrayView keyHash, QByteArrayView subject, Count add);
    template<typename Wanted> [[nodiscard]] std::vector<SenderRecord> select(Wanted wanted) const;
    [[nodiscard]] SenderRecord &recordOf(Shard &shard, QByteArrayView keyHash)
        CARILLON_REQUIRES(shard.mutex);

    const Clock &m_clock;
    std::array<Shard, ShardCount> m_shards;
};

} // namespace Carillon
