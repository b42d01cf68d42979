// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/lrucache.h"
#include "core/base/result.h"
#include "core/crypto/digest.h"
#include "core/crypto/p256.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QByteArrayView>
#include <QHashFunctions>

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace Carillon {

/// A sender's proof as it came, not judged yet.
struct VapidHeader
{
    /// The JSON Web Token.
    QByteArray token;
    /// base64 of the public key, in whatever spelling.
    QByteArray publicKey;
};

/// Finds token and key in Authorization and, for the schemes of the drafts, Crypto-Key (protocol.md
/// §3.2); null views: absent. nullopt: no Authorization. Errors: VapidHeaderInvalid, and for the
/// legacy schemes CryptoKeyMissing (no p256ecdsa) and CryptoKeyInvalid (items that are none).
[[nodiscard]] Result<std::optional<VapidHeader>> parseVapid(QByteArrayView authorization,
                                                            QByteArrayView cryptoKey);

/// Who sent a push, proven.
struct VapidSender
{
    /// The raw point, 65 bytes.
    QByteArray publicKey;
    /// Its SHA-256, to which subscriptions are bound.
    QByteArray keyHash;
    /// Claim sub; empty if there is none.
    QByteArray subject;
    /// There is a subject, and it is neither mailto: nor https: (counted, not refused).
    bool subjectOdd = false;
};

/// Judges VAPID tokens (RFC 8292) by protocol.md §3.2. A token that passed is remembered until it
/// expires, so that the signature is paid for once and not per push; failures are not remembered,
/// nor are tokens with a long subject.
/// Owns: what it remembers, bounded, and a JSON parser.
/// Thread: one; the clock outlives it.
class VapidVerifier
{
public:
    static constexpr qsizetype MaxTokenSize = 8192;
    static constexpr std::int64_t LeewaySeconds = 60;
    static constexpr std::int64_t MaxAheadSeconds = 86'400;

    /// audience: origin of the endpoint URLs, as senders must name it in aud. They are compared as
    /// URLs, for that is what autopush does: a slash at the end is the same.
    VapidVerifier(QByteArrayView audience, const Clock &clock, size_t cacheSize = 4096);

    /// Another origin under which senders may know the endpoints.
    void acceptAlso(QByteArrayView audience);

    /// Errors: VapidTokenInvalid (no JWT, or claims twice), VapidAlgorithm, VapidKeyInvalid,
    /// VapidAudience, VapidExpiryMissing (absent, or no number that is 0 or more; a fraction is cut
    /// off), VapidExpired, VapidExpiryTooFar, VapidSubjectInvalid (neither text nor null),
    /// VapidSignature, and ClockNotTrusted for a token that fails only by its time while the clock
    /// may be wrong. What is cheap is checked first.
    [[nodiscard]] Result<VapidSender> verify(const VapidHeader &header);

    /// How many tokens are remembered.
    [[nodiscard]] size_t rememberedTokens() const { return m_tokens.size(); }

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
    LruCache<TokenId, KnownToken> m_tokens;
    LruCache<QByteArray, KnownKey> m_keys;
};

} // namespace Carillon
