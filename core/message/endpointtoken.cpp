// SPDX-License-Identifier: MPL-2.0
#include "core/message/endpointtoken.h"

namespace Carillon {
namespace {

constexpr qsizetype IdsSize = Uaid::Size + ChannelId::Size;

} // namespace

QByteArray EndpointTokens::make(const EndpointToken &token, WallTime now) const
{
    QByteArray plain;
    plain.reserve(IdsSize + Sha256Size);
    plain.append(token.uaid.raw()).append(token.channelId.raw()).append(token.keyHash);
    QByteArray text = m_fernet.encrypt(plain, now);
    while (text.endsWith('='))
        text.chop(1);
    return text;
}

std::optional<QByteArray> EndpointTokens::open(QByteArrayView token) const
{
    auto opened = m_fernet.open(token);
    if (!opened)
        return std::nullopt;
    return std::move(opened->plain);
}

Result<EndpointToken> EndpointTokens::parse(ApiVersion version, QByteArrayView plain)
{
    const qsizetype size = version == ApiVersion::V1 ? IdsSize : IdsSize + Sha256Size;
    if (plain.size() != size)
        return Unexpected(ErrorCode::InvalidToken);
    return EndpointToken { Uaid::fromRaw(plain.first(Uaid::Size)),
                           ChannelId::fromRaw(plain.sliced(Uaid::Size, ChannelId::Size)),
                           plain.sliced(IdsSize).toByteArray() };
}

} // namespace Carillon
