// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/vapid.h"

#include "core/crypto/base64url.h"
#include "core/crypto/headeritems.h"

#include <QUrl>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Keys of senders that came lately; one costs about 1 KB and is parsed in microseconds.
constexpr qsizetype KeyCacheSize = 256;
constexpr qsizetype MaxKeyTextSize = 256;
/// A token with a longer subject is verified each time: 4,096 that are remembered would fill 24 MB.
constexpr qsizetype MaxKnownSubject = 512;

bool isSubjectAsAdvised(QByteArrayView subject)
{
    static constexpr QByteArrayView Schemes[] = { "mailto:", "https:" };
    return std::any_of(std::begin(Schemes), std::end(Schemes), [&](QByteArrayView scheme) {
        return subject.size() > scheme.size()
            && subject.first(scheme.size()).compare(scheme, Qt::CaseInsensitive) == 0;
    });
}

/// An origin as URLs are compared: scheme and host in lower case, no port that is the scheme's own,
/// no slash. Empty: it is none.
QByteArray normalOrigin(QByteArrayView text)
{
    QUrl url(QString::fromUtf8(text), QUrl::StrictMode);
    const bool isBare = (url.path().isEmpty() || url.path() == "/"_L1) && url.userInfo().isEmpty()
        && !url.hasQuery() && !url.hasFragment();
    if (!url.isValid() || url.host().isEmpty() || !isBare)
        return {};
    if (url.port() == (url.scheme() == "https"_L1 ? 443 : 80))
        url.setPort(-1);
    url.setPath({});
    return url.toEncoded();
}

/// Seconds of a claim that is a number, at least 0; nullopt: it is none. What does not fit becomes
/// the largest number. RFC 7519 allows fractions, and Python's time.time() makes them.
std::optional<std::int64_t> toSeconds(const simdjson::dom::element &claim)
{
    constexpr auto Most = std::numeric_limits<std::int64_t>::max();
    std::uint64_t whole = 0;
    if (claim.get(whole) == simdjson::SUCCESS)
        return static_cast<std::int64_t>(std::min(whole, static_cast<std::uint64_t>(Most)));
    double fraction = 0;
    if (claim.type() == simdjson::dom::element_type::DOUBLE
        && claim.get(fraction) == simdjson::SUCCESS && fraction >= 0)
        return fraction < 1e18 ? static_cast<std::int64_t>(fraction) : Most;
    return std::nullopt;
}

/// A token is not to blame for a clock that may be wrong in this direction.
ErrorCode whileClockIs(WallTrust trust, ErrorCode error)
{
    switch (trust) {
    case WallTrust::Trusted:
        break;
    case WallTrust::MayBeBehind:
        return error == ErrorCode::VapidExpiryTooFar ? ErrorCode::ClockNotTrusted : error;
    case WallTrust::Doubtful:
        return ErrorCode::ClockNotTrusted;
    }
    return error;
}

Result<std::optional<VapidHeader>> foundVapid(QByteArrayView token, QByteArrayView key)
{
    return std::optional<VapidHeader>({ token.toByteArray(), key.toByteArray() });
}

} // namespace

Result<std::optional<VapidHeader>> parseVapid(QByteArrayView authorization,
                                              QByteArrayView cryptoKey)
{
    if (authorization.isNull())
        return std::optional<VapidHeader>();
    authorization = authorization.trimmed();
    const qsizetype space = std::max<qsizetype>(0, authorization.indexOf(' '));
    const QByteArrayView scheme = authorization.first(space);
    const QByteArrayView rest = authorization.sliced(space).trimmed();
    const auto isScheme = [&scheme](QByteArrayView name) {
        return scheme.compare(name, Qt::CaseInsensitive) == 0;
    };

    if (isScheme("vapid")) {
        const auto token = headerItem(rest, "t");
        const auto key = headerItem(rest, "k");
        if (!token || token->isEmpty() || !key || key->isEmpty())
            return Unexpected(ErrorCode::VapidHeaderInvalid);
        return foundVapid(*token, *key);
    }
    if ((isScheme("webpush") || isScheme("bearer")) && !rest.isEmpty()) {
        const auto key = headerItem(cryptoKey, "p256ecdsa");
        if (!key && isItemList(cryptoKey))
            return Unexpected(ErrorCode::CryptoKeyMissing);
        if (!key || key->isEmpty())
            return Unexpected(ErrorCode::CryptoKeyInvalid);
        return foundVapid(rest, *key);
    }
    return Unexpected(ErrorCode::VapidHeaderInvalid);
}

VapidVerifier::VapidVerifier(QByteArrayView audience, const Clock &clock, qsizetype cacheSize)
    : m_clock(clock), m_digest(EVP_MD_CTX_new()), m_parser(MaxTokenSize),
      m_json(MaxTokenSize + simdjson::SIMDJSON_PADDING), m_tokens(cacheSize), m_keys(KeyCacheSize)
{
    requireOpenSsl(m_digest && EVP_DigestInit_ex2(m_digest.get(), sha256Algorithm(), nullptr) == 1);
    acceptAlso(audience);
}

void VapidVerifier::acceptAlso(QByteArrayView audience)
{
    if (QByteArray origin = normalOrigin(audience); !origin.isEmpty())
        m_audiences.append(std::move(origin));
}

Result<VapidSender> VapidVerifier::verify(const VapidHeader &header)
{
    m_wasKnown = false;
    if (header.token.size() > MaxTokenSize)
        return Unexpected(ErrorCode::VapidTokenInvalid);
    if (header.publicKey.size() > MaxKeyTextSize)
        return Unexpected(ErrorCode::VapidKeyInvalid);

    const TokenId id = idOf(header);
    if (const KnownToken *known = m_tokens.object(id)) {
        m_wasKnown = true;
        if (const auto good = checkExpiry(known->expires); !good) {
            m_tokens.remove(id);
            return Unexpected(good.error());
        }
        return known->sender;
    }

    const QByteArrayView token = header.token;
    const qsizetype firstDot = token.indexOf('.');
    const qsizetype secondDot = token.indexOf('.', firstDot + 1);
    if (firstDot < 0 || secondDot < 0)
        return Unexpected(ErrorCode::VapidTokenInvalid);
    if (const auto good = checkAlgorithm(token.first(firstDot)); !good)
        return Unexpected(good.error());
    auto claims = readClaims(token.sliced(firstDot + 1, secondDot - firstDot - 1));
    if (!claims)
        return Unexpected(claims.error());
    const auto inTime = checkExpiry(claims->expires);
    if (!inTime && inTime.error() != ErrorCode::ClockNotTrusted)
        return Unexpected(inTime.error());

    const auto signature = fromBase64Url(token.sliced(secondDot + 1));
    if (!signature)
        return Unexpected(ErrorCode::VapidTokenInvalid);
    const auto point = fromLenientBase64(header.publicKey);
    const KnownKey *key = point ? knownKey(*point) : nullptr;
    if (!key)
        return Unexpected(ErrorCode::VapidKeyInvalid);
    if (!key->verifier.verify(token.first(secondDot), *signature))
        return Unexpected(ErrorCode::VapidSignature);
    if (!inTime)
        return Unexpected(inTime.error());

    const bool odd = !claims->subject.isNull() && !isSubjectAsAdvised(claims->subject);
    VapidSender sender { *point, key->hash, std::move(claims->subject), odd };
    if (sender.subject.size() <= MaxKnownSubject)
        m_tokens.insert(id, new KnownToken { sender, claims->expires }); // the cache owns it
    return sender;
}

VapidVerifier::TokenId VapidVerifier::idOf(const VapidHeader &header) const
{
    TokenId id;
    // The length keeps token and key apart.
    const qsizetype size = header.token.size();
    EVP_MD_CTX *context = m_digest.get();
    requireOpenSsl(EVP_DigestInit_ex2(context, nullptr, nullptr) == 1
                   && EVP_DigestUpdate(context, &size, sizeof size) == 1
                   && EVP_DigestUpdate(context, header.token.data(), lengthOf(header.token)) == 1
                   && EVP_DigestUpdate(context, header.publicKey.data(), lengthOf(header.publicKey))
                       == 1
                   && EVP_DigestFinal_ex(context, id.digest.data(), nullptr) == 1);
    return id;
}

Result<simdjson::dom::object> VapidVerifier::parseJson(QByteArrayView base64)
{
    const auto size = decodeBase64Url(base64, m_json.data());
    simdjson::dom::object object;
    if (!size
        || m_parser.parse(m_json.data(), static_cast<size_t>(*size), false).get(object)
            != simdjson::SUCCESS)
        return Unexpected(ErrorCode::VapidTokenInvalid);
    return object;
}

Result<void> VapidVerifier::checkAlgorithm(QByteArrayView base64)
{
    const auto object = parseJson(base64);
    if (!object)
        return Unexpected(object.error());
    std::optional<simdjson::dom::element> algorithm;
    for (const auto &[name, value] : *object) {
        if (name == "alg") {
            if (algorithm)
                return Unexpected(ErrorCode::VapidTokenInvalid);
            algorithm = value;
        } else if (name == "crit") {
            // RFC 7515 §4.1.11: extensions that must be understood; none are.
            return Unexpected(ErrorCode::VapidTokenInvalid);
        }
    }
    std::string_view text;
    if (!algorithm || algorithm->get(text) != simdjson::SUCCESS || text != "ES256")
        return Unexpected(ErrorCode::VapidAlgorithm);
    return {};
}

Result<VapidVerifier::Claims> VapidVerifier::readClaims(QByteArrayView base64)
{
    const auto object = parseJson(base64);
    if (!object)
        return Unexpected(object.error());
    std::optional<simdjson::dom::element> audience;
    std::optional<simdjson::dom::element> expires;
    std::optional<simdjson::dom::element> subject;
    for (const auto &[name, value] : *object) {
        auto *claim = name == "aud" ? &audience
            : name == "exp"         ? &expires
            : name == "sub"         ? &subject
                                    : nullptr;
        if (!claim)
            continue;
        // Which of two another reader takes is not known, so none is taken.
        if (*claim)
            return Unexpected(ErrorCode::VapidTokenInvalid);
        *claim = value;
    }

    std::string_view text;
    if (!audience || audience->get(text) != simdjson::SUCCESS || !isAudience(text))
        return Unexpected(ErrorCode::VapidAudience);
    const auto seconds = expires ? toSeconds(*expires) : std::nullopt;
    if (!seconds)
        return Unexpected(ErrorCode::VapidExpiryMissing);
    Claims claims { *seconds, {} };
    if (subject && !subject->is_null()) {
        if (subject->get(text) != simdjson::SUCCESS)
            return Unexpected(ErrorCode::VapidSubjectInvalid);
        claims.subject = QByteArray(text.data(), qsizetype(text.size()));
    }
    return claims;
}

bool VapidVerifier::isAudience(std::string_view text) const
{
    const QByteArrayView claimed(text.data(), qsizetype(text.size()));
    return m_audiences.contains(claimed) || m_audiences.contains(normalOrigin(claimed));
}

Result<void> VapidVerifier::checkExpiry(std::int64_t expires) const
{
    const std::int64_t now = toSeconds(m_clock.wall());
    if (expires < now - LeewaySeconds)
        return Unexpected(whileClockIs(m_clock.wallTrust(), ErrorCode::VapidExpired));
    if (expires > now + MaxAheadSeconds)
        return Unexpected(whileClockIs(m_clock.wallTrust(), ErrorCode::VapidExpiryTooFar));
    return {};
}

const VapidVerifier::KnownKey *VapidVerifier::knownKey(const QByteArray &point)
{
    if (const KnownKey *known = m_keys.object(point))
        return known;
    const KeyPointer key = p256PublicKey(point);
    if (!key)
        return nullptr;
    auto *fresh = new KnownKey { Es256Verifier(key), sha256(point) };
    m_keys.insert(point, fresh); // the cache owns it, and has room for one
    return fresh;
}

} // namespace Carillon
