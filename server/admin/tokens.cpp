// SPDX-License-Identifier: MPL-2.0
#include "server/admin/tokens.h"

#include "core/crypto/digest.h"

#include <algorithm>

namespace Carillon {
namespace {

constexpr char Prefix[] = "carillon_";
constexpr qsizetype RandomBytes = 32;

} // namespace

QByteArray AdminTokens::make()
{
    return Prefix
        + randomBytes(RandomBytes)
              .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray AdminTokens::hashOf(QByteArrayView token)
{
    return sha256(token);
}

void AdminTokens::set(const std::vector<AdminToken> &tokens)
{
    m_tokens.clear();
    for (const AdminToken &token : tokens)
        m_tokens.insert(token.hash, token);
}

std::optional<AdminToken> AdminTokens::find(QByteArrayView token) const
{
    // The time that a search by hash takes tells nothing about the token; the comparison does not
    // either.
    const QByteArray hash = hashOf(token);
    const auto found = m_tokens.constFind(hash);
    if (found == m_tokens.cend() || !equalInConstantTime(found->hash, hash))
        return std::nullopt;
    return *found;
}

bool AdminTokens::hasName(const QString &name) const
{
    return std::ranges::any_of(m_tokens,
                               [&name](const AdminToken &token) { return token.name == name; });
}

} // namespace Carillon
