// SPDX-License-Identifier: MPL-2.0
// The header of a JSON Web Token on the first line, its claims behind, signed with a known key:
// what passes is what RFC 8292 wants, by Qt's JSON.
#include "core/crypto/base64url.h"
#include "core/crypto/vapidkey.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/signer.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QUrl>

namespace Carillon::Fuzz {
namespace {

using namespace Qt::StringLiterals;

void checkPassed(QByteArrayView header, QByteArrayView claims, const VapidSender &sender)
{
    const QJsonObject head = QJsonDocument::fromJson(header.toByteArray()).object();
    require(head["alg"_L1].toString() == "ES256"_L1, "the algorithm is ES256");
    require(!head.contains("crit"_L1), "no extension is critical");

    const QJsonObject body = QJsonDocument::fromJson(claims.toByteArray()).object();
    const QUrl audience(body["aud"_L1].toString());
    const QUrl here(QString::fromLatin1(Audience));
    require(audience.host() == here.host() && audience.scheme() == here.scheme()
                && audience.port(443) == here.port(443) && audience.path().size() <= 1,
            "the audience is this server");
    const QJsonValue expires = body["exp"_L1];
    require(expires.isDouble(), "the expiry is a number");
    require(expires.toDouble() >= Now - VapidVerifier::LeewaySeconds, "the token is not expired");
    require(expires.toDouble() < Now + VapidVerifier::MaxAheadSeconds + 1,
            "the token expires within a day");
    const QJsonValue subject = body["sub"_L1];
    require(subject.isUndefined() || subject.isNull() || subject.isString(),
            "the subject is a text or absent");
    require(sender.subject == subject.toString().toUtf8(), "the subject is the one claimed");
}

} // namespace

void check(QByteArrayView input)
{
    QByteArrayView claims = input;
    const QByteArrayView header = takeLine(claims);
    const VapidHeader vapid { signJwt(header, claims, signerKey()), toBase64Url(signerPoint()) };
    const Verdict verdict = judged(vapid);
    require(verdict || verdict.error() != ErrorCode::VapidSignature, "our signature is good");
    if (!verdict)
        return;
    checkPassed(header, claims, *verdict);

    Dice dice(input);
    VapidHeader altered = vapid;
    const auto at =
        static_cast<qsizetype>(dice.below(static_cast<std::size_t>(vapid.token.size())));
    const auto letter = static_cast<char>(dice.below(256));
    altered.token[at] = letter;
    require(letter == vapid.token[at] || !judged(altered), "an altered token does not pass");
}

} // namespace Carillon::Fuzz
