// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/crypto/digest.h"
#include "core/crypto/p256.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QByteArrayView>
#include <QCache>
#include <QHashFunctions>

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace Carillon {

/// A sender's token and key as received, not yet verified.
struct VapidHeader
{
    /// The JSON Web Token.
    QByteArray token;
    /// base64 of the public key, in any alphabet, padded or not.
    QByteArray publicKey;
};

/// Finds token and key in Authorization and, for the schemes of the drafts, Crypto-Key (protocol.md
/// §3.2); null views: absent. nullopt: no Authorization. Errors: VapidHeaderInvalid, and for the
/// legacy schemes CryptoKeyMissing (no p256ecdsa) and CryptoKeyInvalid (malformed items).
[[nodiscard]] Result<std::optional<VapidHeader>> parseVapid(QByteArrayView authorization,
                                                            QByteArrayView cryptoKey);

/// The verified sender of a push.
struct VapidSender
{
    /// The raw point, 65 bytes.
    QByteArray publicKey;
    /// Its SHA-256, to which subscriptions are bound.
    QByteArray keyHash;
    /// Claim sub; empty if there is none.
    QByteArray subject;
    /// The subject is neither mailto: nor https: (counted, not refused).
    bool subjectOdd = false;
};

/// Verifies VAPID tokens (RFC 8292) by protocol.md §3.2. A token that is valid is cached until it
/// expires, so that its signature is verified once and not for each push. Failures and tokens with
/// a long subject are not cached. Owns: the cache, which is limited, and a JSON parser. Thread:
/// one; the clock outlives it.
class VapidVerifier
{
public:
    static constexpr qsizetype MaxTokenSize = 8192;
    static constexpr std::int64_t LeewaySeconds = 60;
    static constexpr std::int64_t MaxAheadSeconds = 86'400;

    /// audience: origin of the endpoint URLs, as senders must name it in aud. They are compared as
    /// URLs, as in autopush: a slash at the end makes no difference.
    VapidVerifier(QByteArrayView audience, const Clock &clock, qsizetype cacheSize = 4096);

    /// Another origin that is accepted in aud.
    void acceptAlso(QByteArrayView audience);

    /// Errors: VapidTokenInvalid (not a JWT, or repeated claims), VapidAlgorithm, VapidKeyInvalid,
    /// VapidAudience, VapidExpiryMissing (absent, or not a number of 0 or more; a fraction is cut
    /// off), VapidExpired, VapidExpiryTooFar, VapidSubjectInvalid (neither text nor null),
    /// VapidSignature, and ClockNotTrusted for a token that fails only because of its time while
    /// the clock is not trusted. Cheap checks come first.
    [[nodiscard]] Result<VapidSender> verify(const VapidHeader &header);

    /// Whether the token of the last verify() was in the cache.
    [[nodiscard]] bool wasKnown() const { return m_wasKnown; }
    /// Number of tokens in the cache.
    [[nodiscard]] qsizetype rememberedTokens() const { return m_tokens.size(); }

private:
    /// SHA-256 of token and key.
    struct TokenId
    {
        Sha256Digest digest;
        bool operator==(const TokenId &) const = default;
        friend size_t qHash(const TokenId &id, size_t seed = 0) noexcept
        {
            return qHashBits(id.digest.data(), id.digest.size(), seed);
        }
    };
    struct KnownToken
    {
        VapidSender sender;
        std::int64_t expires = 0;
    };
    struct KnownKey
    {
        Es256Verifier verifier;
        QByteArray hash;
    };
    struct Claims
    {
        std::int64_t expires = 0;
        QByteArray subject;
    };

    [[nodiscard]] TokenId idOf(const VapidHeader &header) const;
    [[nodiscard]] Result<simdjson::dom::object> parseJson(QByteArrayView base64);
    [[nodiscard]] Result<void> checkAlgorithm(QByteArrayView base64);
    [[nodiscard]] Result<Claims> readClaims(QByteArrayView base64);
    [[nodiscard]] bool isAudience(std::string_view text) const;
    [[nodiscard]] Result<void> checkExpiry(std::int64_t expires) const;
    [[nodiscard]] const KnownKey *knownKey(const QByteArray &point);

    QByteArrayList m_audiences; // as normalOrigin() writes them
    const Clock &m_clock;
    DigestContext m_digest;
    simdjson::dom::parser m_parser;
    std::vector<std::uint8_t> m_json;
    QCache<TokenId, KnownToken> m_tokens;
    QCache<QByteArray, KnownKey> m_keys;
    bool m_wasKnown = false;
};

} // namespace Carillon
