// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/crypto/fernet.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

// v1 = Fernet( uaid chid )           16 + 16 bytes
// v2 = Fernet( uaid chid keyhash )   16 + 16 + 32 bytes
// In the URL without the padding of base64.

/// The part of an endpoint's path that identifies the kind of token: /wpush/v1/, /wpush/v2/.
enum class ApiVersion : std::uint8_t { V1, V2 };

/// The content of the token in an endpoint URL.
struct EndpointToken
{
    Uaid uaid;
    ChannelId channelId;
    /// SHA-256 of the VAPID public key (raw point) to which the subscription is bound; empty in v1.
    QByteArray keyHash;

    [[nodiscard]] ApiVersion version() const
    {
        return keyHash.isEmpty() ? ApiVersion::V1 : ApiVersion::V2;
    }
    bool operator==(const EndpointToken &) const = default;
};

/// Makes and reads the tokens of endpoint URLs (protocol.md §4).
/// Owns: its Fernet. Thread: one at a time; give each thread a copy.
class EndpointTokens
{
public:
    explicit EndpointTokens(Fernet fernet) : m_fernet(std::move(fernet)) { }

    /// Precondition: keyHash is empty or has 32 bytes. Two calls make two different tokens; both
    /// are valid.
    [[nodiscard]] QByteArray make(const EndpointToken &token, WallTime now) const;

    /// A token is read in two steps, because VAPID is checked between them (protocol.md §3.1).
    /// nullopt: not made with our keys; answer InvalidToken.
    [[nodiscard]] std::optional<QByteArray> open(QByteArrayView token) const;
    /// InvalidToken: its length is not that of this version.
    [[nodiscard]] static Result<EndpointToken> parse(ApiVersion version, QByteArrayView plain);

private:
    Fernet m_fernet;
};

} // namespace Carillon
