// SPDX-License-Identifier: MPL-2.0
#include "tests/fuzz/keyring.h"

#include "core/crypto/base64url.h"
#include "tests/fuzz/fuzz.h"

namespace Carillon::Fuzz {
namespace {

const QByteArray NewKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const QByteArray OldKey = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

Fernet fernetOf(const QList<QByteArray> &keys)
{
    auto fernet = Fernet::fromKeys(keys);
    require(fernet.has_value(), "the keys are keys");
    return std::move(*fernet);
}

} // namespace

const Fernet &keyring()
{
    static const Fernet fernet = fernetOf({ NewKey, OldKey });
    return fernet;
}

const Fernet &oldKeyring()
{
    static const Fernet fernet = fernetOf({ OldKey });
    return fernet;
}

std::optional<Fernet::Opened> openSealed(QByteArrayView token)
{
    const auto opened = keyring().open(token);
    if (!opened)
        return std::nullopt;
    const Fernet &sealer = opened->keyIndex == 0 ? keyring() : oldKeyring();
    const QByteArray sealed = sealer.encryptWith(opened->plain, opened->seconds, opened->iv);
    require(withoutPadding(token) == withoutPadding(sealed), "only what we made opens");
    return opened;
}

void requireNoneBeside(const QByteArray &padded, std::size_t at, char letter)
{
    const QByteArray token = withoutPadding(padded).toByteArray();
    if (letter == '=') // where padding may stand it says nothing
        letter = '-';
    const auto index = static_cast<qsizetype>(at) % token.size();
    QByteArray altered = token;
    altered[index] = letter;
    require(letter == token[index] || !keyring().open(altered), "an altered token does not open");
    require(!keyring().open(QByteArrayView(token).chopped(1)), "a short token does not open");
    require(!keyring().open(QByteArray(token).insert(index, letter)), "nor does a long one");
}

} // namespace Carillon::Fuzz
