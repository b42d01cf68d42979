// SPDX-License-Identifier: MPL-2.0
#include "core/storage/listcursor.h"

#include <QtEndian>

namespace Carillon {

namespace {

// list:1 uaid:16 key:8 row:8, numbers big-endian
constexpr qsizetype NumberSize = sizeof(std::int64_t);
constexpr qsizetype CursorSize = 1 + Uaid::Size + 2 * NumberSize;

void append(QByteArray &bytes, std::int64_t number)
{
    char raw[NumberSize];
    qToBigEndian(number, raw);
    bytes.append(raw, NumberSize);
}

bool isList(std::uint8_t number)
{
    return number >= static_cast<std::uint8_t>(ListCursor::List::ClientsById)
        && number <= static_cast<std::uint8_t>(ListCursor::List::MessagesOfClient);
}

} // namespace

QByteArray ListCursor::encoded() const
{
    QByteArray bytes;
    bytes.reserve(CursorSize);
    bytes.append(static_cast<char>(list)).append(uaid.raw());
    append(bytes, key);
    append(bytes, row);
    return bytes;
}

std::optional<ListCursor> ListCursor::decode(QByteArrayView bytes)
{
    if (bytes.size() != CursorSize || !isList(static_cast<std::uint8_t>(bytes[0])))
        return std::nullopt;
    ListCursor cursor;
    cursor.list = static_cast<List>(bytes[0]);
    cursor.uaid = Uaid::fromRaw(bytes.sliced(1, Uaid::Size));
    cursor.key = qFromBigEndian<std::int64_t>(bytes.data() + 1 + Uaid::Size);
    cursor.row = qFromBigEndian<std::int64_t>(bytes.data() + 1 + Uaid::Size + NumberSize);
    return cursor;
}

std::optional<Uaid> after(const Uaid &uaid)
{
    Uaid::Bytes bytes = uaid.bytes();
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
        if (++*byte != 0)
            return Uaid(bytes);
    }
    return std::nullopt;
}

std::optional<Uaid> before(const Uaid &uaid)
{
    Uaid::Bytes bytes = uaid.bytes();
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
        if ((*byte)-- != 0)
            return Uaid(bytes);
    }
    return std::nullopt;
}

} // namespace Carillon
