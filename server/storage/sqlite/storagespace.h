// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/storage/storageoptions.h"

#include <QByteArray>
#include <QString>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

struct SpaceStats
{
    std::int64_t bytes = 0;
    std::int64_t freeDisk = 0;
    bool isFull = false;
};

/// Whether there is room for more clients and messages. What is there already can be changed and
/// removed when there is none, which needs some disk too: that is what minFreeDisk leaves it.
/// Full begins at a bound and ends when a sixteenth of the bound is free again.
/// Thread: its owner's; stats() any.
class StorageSpace
{
public:
    /// file: on the disk whose room counts.
    StorageSpace(const QString &file, SpaceLimits limits);

    /// Whether the last look is a second old.
    [[nodiscard]] bool isLookDue(Instant now) const;
    /// Takes stock, given what the database takes.
    void look(Instant now, std::int64_t bytes);
    /// The judgement of look(), and its lines in the log. freeDisk: nullopt: it cannot be known.
    void judge(std::int64_t bytes, std::optional<std::int64_t> freeDisk);

    [[nodiscard]] bool isFull() const { return m_isFull; }
    [[nodiscard]] SpaceStats stats() const { return { m_bytes, m_freeDisk, m_isFull }; }

private:
    const QByteArray m_file;
    const SpaceLimits m_limits;
    std::optional<Instant> m_looked;
    std::atomic<std::int64_t> m_bytes = 0;
    std::atomic<std::int64_t> m_freeDisk = 0;
    std::atomic<bool> m_isFull = false;
};

} // namespace Carillon
