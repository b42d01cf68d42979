// SPDX-License-Identifier: MPL-2.0
#include "tests/fuzz/utf8oracle.h"

#include "tests/fuzz/fuzz.h"

#include <QUtf8StringView>

#include <simdjson.h>

namespace Carillon::Fuzz {

bool isUtf8(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return true;
    const bool verdict =
        simdjson::validate_utf8(bytes.data(), static_cast<std::size_t>(bytes.size()));
    require(verdict == QUtf8StringView(bytes.data(), bytes.size()).isValidUtf8(),
            "simdjson and Qt agree about UTF-8");
    return verdict;
}

bool isStartOfUtf8(QByteArrayView bytes)
{
    if (isUtf8(bytes))
        return true;
    // What may follow a first byte depends on it; one of these always may. All later ones may
    // be 80.
    for (const char *tail :
         { "\x80", "\x80\x80", "\x80\x80\x80", "\xa0", "\xa0\x80", "\xa0\x80\x80" }) {
        if (isUtf8(bytes.toByteArray() + tail))
            return true;
    }
    return false;
}

} // namespace Carillon::Fuzz
