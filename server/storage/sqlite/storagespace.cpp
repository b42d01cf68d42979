// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/storagespace.h"

#include "core/base/log.h"

#include <QFile>
#include <QLocale>

#include <utility>

#include <sys/statvfs.h>

namespace Carillon {

namespace {

constexpr std::chrono::seconds LookInterval { 1 };
/// Part of a bound that has to be free again.
constexpr std::int64_t Slack = 16;

QString shownSize(std::int64_t bytes)
{
    return QLocale::c().formattedDataSize(bytes, 1);
}

} // namespace

StorageSpace::StorageSpace(const QString &file, SpaceLimits limits)
    : m_file(QFile::encodeName(file)), m_limits(limits)
{
}

bool StorageSpace::isLookDue(Instant now) const
{
    return !m_looked || now - *m_looked >= LookInterval;
}

void StorageSpace::look(Instant now, std::int64_t bytes)
{
    m_looked = now;
    struct statvfs disk
    {
    };
    if (::statvfs(m_file.constData(), &disk) == 0)
        judge(bytes,
              static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize));
    else
        judge(bytes, std::nullopt);
}

void StorageSpace::judge(std::int64_t bytes, std::optional<std::int64_t> freeDisk)
{
    m_bytes = bytes;
    m_freeDisk = freeDisk.value_or(0);
    const auto [maxBytes, minFree] = m_limits;
    const bool was = m_isFull;
    const bool isOver = maxBytes > 0 && bytes >= maxBytes - (was ? maxBytes / Slack : 0);
    const bool isLow = minFree > 0 && freeDisk && *freeDisk < minFree + (was ? minFree / Slack : 0);
    m_isFull = isOver || isLow;
    if (was == m_isFull)
        return;
    if (!m_isFull) {
        qCInfo(lcStorage, "there is room again: new messages and subscriptions are accepted");
        return;
    }
    const QString why = isOver
        ? QStringLiteral("the database holds %1, storage.max_database_size allows %2")
              .arg(shownSize(bytes), shownSize(maxBytes))
        : QStringLiteral("the disk has %1 free, storage.min_free_disk keeps %2")
              .arg(shownSize(*freeDisk), shownSize(minFree));
    qCWarning(lcStorage, "new messages and subscriptions are refused: %s", qPrintable(why));
}

} // namespace Carillon
