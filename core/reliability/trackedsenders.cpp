// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/trackedsenders.h"

#include <QCryptographicHash>
#include <QUuid>

#include <algorithm>

namespace Carillon {
namespace {

constexpr qsizetype MaxReliabilityIdSize = 64;

bool isReliabilityIdChar(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-'
        || c == '.' || c == '_' || c == '~' || c == ':';
}

} // namespace

TrackedSenders::TrackedSenders(const std::vector<QByteArray> &points, bool all) : m_all(all)
{
    for (const QByteArray &point : points)
        m_keyHashes.insert(QCryptographicHash::hash(point, QCryptographicHash::Sha256));
}

bool isReliabilityId(QByteArrayView text)
{
    return !text.isEmpty() && text.size() <= MaxReliabilityIdSize
        && std::ranges::all_of(text, isReliabilityIdChar);
}

QByteArray newReliabilityId()
{
    return QUuid::createUuid().toByteArray(QUuid::WithoutBraces);
}

} // namespace Carillon
