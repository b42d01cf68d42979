// SPDX-License-Identifier: MPL-2.0
// Utf8Validator against the validators of Qt and simdjson, after every piece.
#include "server/net/websocket/utf8validator.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/utf8oracle.h"

#include <algorithm>

namespace Carillon::Fuzz {

void check(QByteArrayView input)
{
    constexpr qsizetype MaxSize = 64; // each piece is judged with all before it
    input = input.first(std::min(input.size(), MaxSize));
    for (const Cutting cutting : AllCuttings) {
        Utf8Validator validator;
        qsizetype fed = 0;
        Pieces pieces(input, cutting);
        for (auto piece = pieces.next(); !piece.empty(); piece = pieces.next()) {
            const bool isGood = validator.feed({ piece.data(), std::ssize(piece) });
            fed += std::ssize(piece);
            const QByteArrayView soFar = input.first(fed);
            require(isGood == isStartOfUtf8(soFar), "bad UTF-8 is seen at its first bad byte");
            require(!isGood || validator.isComplete() == isUtf8(soFar),
                    "whole characters are told from half ones");
        }
    }
}

} // namespace Carillon::Fuzz
