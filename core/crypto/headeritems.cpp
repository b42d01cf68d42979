// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/headeritems.h"

#include <algorithm>

namespace Carillon {
namespace {

/// Cuts off and gives the next item, trimmed.
QByteArrayView takeItem(QByteArrayView &rest)
{
    const auto separator =
        std::find_if(rest.begin(), rest.end(), [](char c) { return c == ',' || c == ';'; });
    const qsizetype size = separator - rest.begin();
    const QByteArrayView item = rest.first(size).trimmed();
    rest = size == rest.size() ? QByteArrayView() : rest.sliced(size + 1);
    return item;
}

QByteArrayView bareValue(QByteArrayView value)
{
    value = value.trimmed();
    while (value.startsWith('"'))
        value = value.sliced(1);
    while (value.endsWith('"') || value.endsWith('='))
        value.chop(1);
    return value;
}

} // namespace

std::optional<QByteArrayView> headerItem(QByteArrayView header, QByteArrayView name)
{
    while (!header.isEmpty()) {
        const QByteArrayView item = takeItem(header);
        const qsizetype equals = item.indexOf('=');
        if (equals > 0 && item.first(equals).trimmed().compare(name, Qt::CaseInsensitive) == 0)
            return bareValue(item.sliced(equals + 1));
    }
    return std::nullopt;
}

bool isItemList(QByteArrayView header)
{
    while (!header.isEmpty()) {
        const QByteArrayView item = takeItem(header);
        if (!item.isEmpty() && item.indexOf('=') < 1)
            return false;
    }
    return true;
}

} // namespace Carillon
