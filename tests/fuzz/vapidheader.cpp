// SPDX-License-Identifier: MPL-2.0
// Authorization on the first line, Crypto-Key on the second: finding token and key, and judging
// them. A line "-" is a header that is absent.
#include "core/crypto/base64url.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/signer.h"

namespace Carillon::Fuzz {
namespace {

QByteArrayView header(QByteArrayView line)
{
    return line == "-" ? QByteArrayView() : line.isNull() ? QByteArrayView("") : line;
}

/// Whether these would stand in a header as they are.
bool isPlain(const VapidHeader &found)
{
    const QByteArray token = QByteArray(found.token).replace('.', "");
    return isBase64UrlText(token) && isBase64UrlText(found.publicKey);
}

} // namespace

void check(QByteArrayView input)
{
    QByteArrayView rest = input;
    const QByteArrayView authorization = header(takeLine(rest));
    const QByteArrayView cryptoKey = header(takeLine(rest));

    const auto found = parseVapid(authorization, cryptoKey);
    require(!authorization.isNull() || (found && !*found),
            "without Authorization there is nothing");
    require(authorization.isNull() || !found || *found, "with it, there is something or a fault");
    if (!found || !*found)
        return;
    const VapidHeader &vapid = **found;
    require(!vapid.token.isEmpty() && !vapid.publicKey.isEmpty(), "what is found is not empty");
    if (isPlain(vapid)) {
        const auto again = parseVapid("vapid t=" + vapid.token + ", k=" + vapid.publicKey, {});
        require(again && *again && (*again)->token == vapid.token
                    && (*again)->publicKey == vapid.publicKey,
                "what is found is found again where it is written anew");
    }
    (void)judged(vapid);
}

} // namespace Carillon::Fuzz
