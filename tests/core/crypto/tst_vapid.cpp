// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "core/crypto/vapid.h"
#include "core/crypto/vapidkey.h"
#include "tests/support/errorcodetext.h"
#include "tests/support/manualclock.h"

#include <QTest>

#include <openssl/ecdsa.h>

Q_DECLARE_METATYPE(Carillon::WallTrust)

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

const QByteArray Origin = "https://push.example.net";
constexpr std::int64_t Now = 1'700'000'000;

// From vectors.py in this folder: made with Python's cryptography.
const QByteArray PythonPoint =
    "BCjxEbDORMS-dYGwe8qTGfFzSvmqzC0zIdaYpWESfcZixagOMQrAvkaFNqHMboPo-sSu"
    "RRU6CNXXKfdnztNMS6A";
const QByteArray PythonCompressed = "AijxEbDORMS-dYGwe8qTGfFzSvmqzC0zIdaYpWESfcZi";
const QByteArray PythonToken =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE3M"
    "DAwMDM2MDAsInN1YiI6Im1haWx0bzphZG1pbkBleGFtcGxlLmNvbSJ9.C70LynHjjVVPQ4a5ophoCUgJAYM5V1AqsRjOYK"
    "XJ3LyOBxyyu-ZagziFzmjzQgPA-ZZrbA5fMBgSiH6BKpfXpQ";

// RFC 8292 §2.4.
const QByteArray RfcToken =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0N"
    "TM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK"
    "2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
const QByteArray RfcKey =
    "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9oj"
    "Swk5Y2EmClBPs";

/// JSON is written with ' for " here: moc of Qt 6.4 loses classes with raw strings in them.
QByteArray json(QByteArray text)
{
    return text.replace('\'', '"');
}

const QByteArray GoodHead = json("{'typ':'JWT','alg':'ES256'}");

/// A sender whose tokens may hold anything.
class Sender
{
public:
    Sender() : m_key(newP256Key()) { }

    [[nodiscard]] QByteArray key() const { return toBase64Url(p256Point(m_key.get())); }
    [[nodiscard]] VapidHeader signedBy(const QByteArray &head, const QByteArray &claims) const
    {
        return { signJwt(head, claims, m_key.get()), key() };
    }
    [[nodiscard]] VapidHeader withClaims(const QByteArray &claims) const
    {
        return signedBy(GoodHead, claims);
    }
    /// Good claims but for the given text of exp.
    [[nodiscard]] VapidHeader expiring(const QByteArray &exp) const
    {
        return withClaims(json("{'aud':'") + Origin + json("','exp':") + exp + '}');
    }
    [[nodiscard]] VapidHeader good() const { return expiring(QByteArray::number(Now + 3600)); }

private:
    KeyPointer m_key;
};

QByteArray derOf(const QByteArray &raw)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    const auto *bytes = bytesOf(QByteArrayView(raw));
    ECDSA_SIG_set0(signature, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    QByteArray der(80, '\0');
    std::uint8_t *to = bytesOf(der);
    der.truncate(i2d_ECDSA_SIG(signature, &to));
    ECDSA_SIG_free(signature);
    return der;
}

} // namespace

class tst_Vapid : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Tokens made elsewhere.

    void rfc8292Example_verifies()
    {
        const ManualClock clock(fromSeconds(1'453'523'768 - 3600));
        VapidVerifier verifier(Origin, clock);
        const auto header = parseVapid("vapid t=" + RfcToken + ", k=" + RfcKey, {});
        const auto sender = verifier.verify(**header);
        QVERIFY2(sender, sender ? "" : errorName(sender.error()).data());
        QCOMPARE(sender->publicKey, *fromBase64Url(RfcKey));
        QCOMPARE(sender->keyHash, sha256(*fromBase64Url(RfcKey)));
        QCOMPARE(sender->subject, QByteArray("mailto:push@example.com"));
        QVERIFY(!sender->subjectOdd);
    }

    void pythonsToken_verifies()
    {
        VapidVerifier verifier(Origin, m_clock);
        QVERIFY(verifier.verify({ PythonToken, PythonPoint }).has_value());
    }

    void anyAlteredCharacter_isRefused()
    {
        VapidVerifier verifier(Origin, m_clock);
        for (qsizetype i = 0; i < PythonToken.size(); ++i) {
            QByteArray altered = PythonToken;
            altered[i] = altered[i] == 'A' ? 'B' : 'A';
            QVERIFY2(!verifier.verify({ altered, PythonPoint }), altered.constData());
        }
        QCOMPARE(verifier.rememberedTokens(), qsizetype(0));
    }

    void anyCutToken_isRefused()
    {
        VapidVerifier verifier(Origin, m_clock);
        for (qsizetype size = 0; size < PythonToken.size(); ++size)
            QVERIFY(!verifier.verify({ PythonToken.first(size), PythonPoint }));
    }

    // Claims.

    void exp_isJudgedToTheSecond_data()
    {
        QTest::addColumn<QByteArray>("exp");
        QTest::addColumn<bool>("good");
        QTest::addColumn<ErrorCode>("code");
        const auto passes = [](const char *name, const QByteArray &exp) {
            QTest::newRow(name) << exp << true << ErrorCode::Internal;
        };
        const auto fails = [](const char *name, const QByteArray &exp, ErrorCode code) {
            QTest::newRow(name) << exp << false << code;
        };
        const auto at = [](std::int64_t offset) {
            return QByteArray::number(qlonglong { Now + offset });
        };
        passes("now", at(0));
        passes("59 s ago", at(-59));
        passes("60 s ago", at(-60));
        fails("61 s ago", at(-61), ErrorCode::VapidExpired);
        passes("24 h ahead", at(86'400));
        fails("24 h and 1 s ahead", at(86'401), ErrorCode::VapidExpiryTooFar);
        fails("25 h ahead", at(90'000), ErrorCode::VapidExpiryTooFar);
        fails("milliseconds", at(3600) + "000", ErrorCode::VapidExpiryTooFar);
        fails("zero", "0", ErrorCode::VapidExpired);
        fails("largest of 64 bits", "18446744073709551615", ErrorCode::VapidExpiryTooFar);
        fails("1e300", "1e300", ErrorCode::VapidExpiryTooFar);
        passes("fraction", at(3600) + ".75");
        passes("fraction at the limit", at(86'400) + ".9");
        passes("exponent", "1.7000036e9");
        fails("negative", "-5", ErrorCode::VapidExpiryMissing);
        fails("negative fraction", "-0.5", ErrorCode::VapidExpiryMissing);
        fails("text", '"' + at(3600) + '"', ErrorCode::VapidExpiryMissing);
        fails("null", "null", ErrorCode::VapidExpiryMissing);
        fails("truth", "true", ErrorCode::VapidExpiryMissing);
        fails("list", '[' + at(3600) + ']', ErrorCode::VapidExpiryMissing);
        fails("over 64 bits", "18446744073709551616", ErrorCode::VapidTokenInvalid);
    }
    void exp_isJudgedToTheSecond()
    {
        QFETCH(QByteArray, exp);
        QFETCH(bool, good);
        QFETCH(ErrorCode, code);
        // Late in the second: fractions of now must not matter.
        const ManualClock clock(fromSeconds(Now) + 999'999us);
        VapidVerifier verifier(Origin, clock);
        const auto sender = verifier.verify(m_sender.expiring(exp));
        QCOMPARE(sender.has_value(), good);
        if (!good)
            QCOMPARE(sender.error(), code);
    }

    void claims_areJudged_data()
    {
        QTest::addColumn<QByteArray>("claims");
        QTest::addColumn<ErrorCode>("code");
        const QByteArray aud = "'aud':'https://push.example.net'";
        const QByteArray exp = "'exp':1700003600";
        const auto row = [](const char *name, const QByteArray &claims, ErrorCode code) {
            QTest::newRow(name) << json('{' + claims + '}') << code;
        };
        row("no exp", aud, ErrorCode::VapidExpiryMissing);
        row("no aud", exp, ErrorCode::VapidAudience);
        row("none", "", ErrorCode::VapidAudience);
        row("other host", "'aud':'https://push.example.org'," + exp, ErrorCode::VapidAudience);
        row("other scheme", "'aud':'http://push.example.net'," + exp, ErrorCode::VapidAudience);
        row("other port", "'aud':'https://push.example.net:444'," + exp, ErrorCode::VapidAudience);
        row("port of http", "'aud':'https://push.example.net:80'," + exp, ErrorCode::VapidAudience);
        row("user", "'aud':'https://me@push.example.net'," + exp, ErrorCode::VapidAudience);
        row("query", "'aud':'https://push.example.net?'," + exp, ErrorCode::VapidAudience);
        row("fragment", "'aud':'https://push.example.net/#'," + exp, ErrorCode::VapidAudience);
        row("two slashes", "'aud':'https://push.example.net//'," + exp, ErrorCode::VapidAudience);
        row("space", "'aud':'https://push.example.net '," + exp, ErrorCode::VapidAudience);
        row("no scheme", "'aud':'push.example.net'," + exp, ErrorCode::VapidAudience);
        row("path", "'aud':'https://push.example.net/wpush'," + exp, ErrorCode::VapidAudience);
        row("prefix", "'aud':'https://push.example.ne'," + exp, ErrorCode::VapidAudience);
        row("NUL", "'aud':'https://push.example.net\\u0000'," + exp, ErrorCode::VapidAudience);
        row("empty", "'aud':''," + exp, ErrorCode::VapidAudience);
        row("list", "'aud':['https://push.example.net']," + exp, ErrorCode::VapidAudience);
        row("null aud", "'aud':null," + exp, ErrorCode::VapidAudience);
        row("aud inside another claim only", "'x':{" + aud + "}," + exp, ErrorCode::VapidAudience);
        row("exp inside another claim only", aud + ",'x':{" + exp + '}',
            ErrorCode::VapidExpiryMissing);
        row("two aud", aud + ',' + exp + ",'aud':'https://evil.example'",
            ErrorCode::VapidTokenInvalid);
        row("two aud, one escaped", "'\\u0061ud':'https://evil.example'," + aud + ',' + exp,
            ErrorCode::VapidTokenInvalid);
        row("two exp", aud + ',' + exp + ",'exp':1", ErrorCode::VapidTokenInvalid);
        row("two sub", aud + ',' + exp + ",'sub':null,'sub':'a'", ErrorCode::VapidTokenInvalid);
        row("sub a number", aud + ',' + exp + ",'sub':5", ErrorCode::VapidSubjectInvalid);
        row("sub a list", aud + ',' + exp + ",'sub':['a']", ErrorCode::VapidSubjectInvalid);
        row("sub an object", aud + ',' + exp + ",'sub':{}", ErrorCode::VapidSubjectInvalid);
        row("comma at the end", aud + ',' + exp + ',', ErrorCode::VapidTokenInvalid);
        row("no quotes", "aud:1", ErrorCode::VapidTokenInvalid);
        row("not UTF-8", aud + ',' + exp + ",\"x\":\"\xff\"", ErrorCode::VapidTokenInvalid);
        row("two objects", aud + ',' + exp + "}{", ErrorCode::VapidTokenInvalid);
        row("deep nesting",
            aud + ',' + exp + ",\"x\":" + QByteArray(2000, '[') + QByteArray(2000, ']'),
            ErrorCode::VapidTokenInvalid);
    }
    void claims_areJudged()
    {
        QFETCH(QByteArray, claims);
        QFETCH(ErrorCode, code);
        VapidVerifier verifier(Origin, m_clock);
        const auto sender = verifier.verify(m_sender.withClaims(claims));
        QVERIFY(!sender);
        QCOMPARE(sender.error(), code);
    }

    void audience_isComparedAsUrlsAre_data()
    {
        QTest::addColumn<QByteArray>("audience");
        QTest::addColumn<QByteArray>("origin");
        const auto row = [](const char *audience, const char *origin) {
            QTest::newRow(audience) << QByteArray(audience) << QByteArray(origin);
        };
        row("https://push.example.net", "https://push.example.net");
        row("https://push.example.net/", "https://push.example.net");
        row("https://push.example.net:443", "https://push.example.net");
        row("HTTPS://Push.Example.NET", "https://push.example.net");
        row("http://127.0.0.1:8082/", "http://127.0.0.1:8082");
        row("http://localhost:80", "http://localhost");
        row("http://[::1]:8082", "http://[::1]:8082");
    }
    void audience_isComparedAsUrlsAre()
    {
        QFETCH(QByteArray, audience);
        QFETCH(QByteArray, origin);
        VapidVerifier verifier(origin, m_clock);
        const auto sender = verifier.verify(
            m_sender.withClaims(json("{'aud':'") + audience + json("','exp':1700003600}")));
        QVERIFY2(sender, sender ? "" : errorName(sender.error()).data());
    }

    void otherAudience_isTaken_whereItIsAccepted()
    {
        const auto forOrigin = [this](const char *origin) {
            return m_sender.withClaims(json("{'aud':'") + origin + json("','exp':1700003600}"));
        };
        VapidVerifier verifier("http://127.0.0.1:8082", m_clock);
        QVERIFY(!verifier.verify(forOrigin("https://localhost:8082")));
        verifier.acceptAlso("https://localhost:8082");
        verifier.acceptAlso("no origin"); // not what an empty aud is compared with
        QVERIFY(verifier.verify(forOrigin("https://localhost:8082/")));
        QVERIFY(verifier.verify(forOrigin("http://127.0.0.1:8082")));
        for (const char *other : { "http://localhost:8082", "https://localhost:8083", "" })
            QVERIFY2(!verifier.verify(forOrigin(other)), other);
    }

    void claimsThatAreNoObject_areRefused()
    {
        VapidVerifier verifier(Origin, m_clock);
        for (const char *claims : { "", "[]", "null", "\"aud\"", "5", "{", "\xef\xbb\xbf" }) {
            const auto sender = verifier.verify(m_sender.withClaims(claims));
            QVERIFY2(!sender, claims);
            QCOMPARE(sender.error(), ErrorCode::VapidTokenInvalid);
        }
    }

    void subject_isGiven_andOddOnesAreMarked_data()
    {
        QTest::addColumn<QByteArray>("claim");
        QTest::addColumn<QByteArray>("subject");
        QTest::addColumn<bool>("odd");
        const auto row = [](const char *name, const char *claim, const char *subject, bool odd) {
            QTest::newRow(name) << json(claim) << QByteArray(subject) << odd;
        };
        row("absent", "", "", false);
        row("null", ",'sub':null", "", false);
        row("mailto", ",'sub':'mailto:a@b.c'", "mailto:a@b.c", false);
        row("https", ",'sub':'https://b.c'", "https://b.c", false);
        row("upper case", ",'sub':'MAILTO:a@b.c'", "MAILTO:a@b.c", false);
        row("http", ",'sub':'http://b.c'", "http://b.c", true);
        row("bare address", ",'sub':'a@b.c'", "a@b.c", true);
        row("scheme alone", ",'sub':'mailto:'", "mailto:", true);
        row("empty", ",'sub':''", "", true);
        row("nbf is ignored", ",'nbf':9999999999", "", false);
        row("other claims are ignored", ",'iat':'x','exp2':{'exp':[{}]}", "", false);
    }
    void subject_isGiven_andOddOnesAreMarked()
    {
        QFETCH(QByteArray, claim);
        QFETCH(QByteArray, subject);
        QFETCH(bool, odd);
        VapidVerifier verifier(Origin, m_clock);
        const auto sender = verifier.verify(m_sender.withClaims(
            json("{'aud':'https://push.example.net','exp':1700003600") + claim + '}'));
        QVERIFY2(sender, sender ? "" : errorName(sender.error()).data());
        QCOMPARE(sender->subject, subject);
        QCOMPARE(sender->subjectOdd, odd);
    }

    // Head and form.

    void head_mustSayEs256_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<ErrorCode>("code");
        const auto row = [](const char *name, const char *head, ErrorCode code) {
            QTest::newRow(name) << json(head) << code;
        };
        row("none", "{'alg':'none'}", ErrorCode::VapidAlgorithm);
        row("HS256", "{'alg':'HS256'}", ErrorCode::VapidAlgorithm);
        row("ES384", "{'alg':'ES384'}", ErrorCode::VapidAlgorithm);
        row("lower case", "{'alg':'es256'}", ErrorCode::VapidAlgorithm);
        row("no alg", "{'typ':'JWT'}", ErrorCode::VapidAlgorithm);
        row("a list", "{'alg':['ES256']}", ErrorCode::VapidAlgorithm);
        row("null", "{'alg':null}", ErrorCode::VapidAlgorithm);
        row("two", "{'alg':'ES256','alg':'none'}", ErrorCode::VapidTokenInvalid);
        row("crit", "{'alg':'ES256','crit':['b64'],'b64':false}", ErrorCode::VapidTokenInvalid);
        row("no object", "['alg']", ErrorCode::VapidTokenInvalid);
        row("no JSON", "ES256", ErrorCode::VapidTokenInvalid);
    }
    void head_mustSayEs256()
    {
        QFETCH(QByteArray, head);
        QFETCH(ErrorCode, code);
        VapidVerifier verifier(Origin, m_clock);
        const QByteArray claims = json("{'aud':'https://push.example.net','exp':1700003600}");
        const auto sender = verifier.verify(m_sender.signedBy(head, claims));
        QVERIFY(!sender);
        QCOMPARE(sender.error(), code);
    }

    void typ_mayBeAnything()
    {
        VapidVerifier verifier(Origin, m_clock);
        const QByteArray claims = json("{'aud':'https://push.example.net','exp':1700003600}");
        for (const QByteArray &head :
             { json("{'alg':'ES256'}"), json("{'alg':'ES256','typ':'jwt','x':{}}") })
            QVERIFY(verifier.verify(m_sender.signedBy(head, claims)).has_value());
    }

    void noneWithoutSignature_isRefused()
    {
        VapidVerifier verifier(Origin, m_clock);
        VapidHeader header = m_sender.good();
        header.token = toBase64Url(json("{'alg':'none'}"))
            + header.token.mid(header.token.indexOf('.'),
                               header.token.lastIndexOf('.') - header.token.indexOf('.') + 1);
        QCOMPARE(verifier.verify(header).error(), ErrorCode::VapidAlgorithm);
    }

    void hs256WithThePublicKey_isRefused()
    {
        VapidVerifier verifier(Origin, m_clock);
        const QByteArray text = toBase64Url(json("{'alg':'HS256'}")) + '.'
            + toBase64Url(json("{'aud':'https://push.example.net','exp':1700003600}"));
        const QByteArray mac = hmacSha256(*fromBase64Url(m_sender.key()), text);
        QCOMPARE(verifier.verify({ text + '.' + toBase64Url(mac), m_sender.key() }).error(),
                 ErrorCode::VapidAlgorithm);
    }

    void form_mustBeThreePartsOfBase64Url()
    {
        VapidVerifier verifier(Origin, m_clock);
        const VapidHeader good = m_sender.good();
        QByteArrayList broken {
            "",
            ".",
            "..",
            "...",
            "a.b",
            good.token + '.',
            good.token + ".x",
            '.' + good.token,
            good.token.first(good.token.lastIndexOf('.')),
            good.token + "==",
            QByteArray(good.token).replace('.', "=."),
            ' ' + good.token,
            QByteArray(VapidVerifier::MaxTokenSize + 1, 'A'),
        };
        for (const QByteArray &token : broken) {
            const auto sender = verifier.verify({ token, good.publicKey });
            QVERIFY2(!sender, token.constData());
            QCOMPARE(sender.error(), ErrorCode::VapidTokenInvalid);
        }
        QVERIFY(verifier.verify(good).has_value());
    }

    void longTokens_areTakenUpToTheLimit()
    {
        VapidVerifier verifier(Origin, m_clock);
        const auto padded = [this](qsizetype size) {
            return m_sender.withClaims(
                json("{'aud':'https://push.example.net','exp':1700003600,'x':'")
                + QByteArray(size, 'x') + "\"}");
        };
        const VapidHeader longest = padded(5900);
        QVERIFY(longest.token.size() <= VapidVerifier::MaxTokenSize);
        QVERIFY(verifier.verify(longest).has_value());
        QCOMPARE(verifier.verify(padded(6200)).error(), ErrorCode::VapidTokenInvalid);
    }

    // Signature and key.

    void signature_mustBe64RawBytes()
    {
        VapidVerifier verifier(Origin, m_clock);
        const VapidHeader good = m_sender.good();
        const qsizetype at = good.token.lastIndexOf('.') + 1;
        const QByteArray raw = *fromBase64Url(good.token.mid(at));
        QCOMPARE(raw.size(), 64);
        const QByteArray der = derOf(raw);
        QVERIFY(der.size() >= 68 && der.size() <= 72);
        const QByteArrayList wrong { raw.chopped(1), raw + '\0', '\0' + raw,        der,
                                     raw + raw,      "",         QByteArray(72, 0), raw.mid(32) };
        for (const QByteArray &signature : wrong) {
            const auto sender =
                verifier.verify({ good.token.first(at) + toBase64Url(signature), good.publicKey });
            QVERIFY2(!sender, signature.toHex().constData());
            QCOMPARE(sender.error(), ErrorCode::VapidSignature);
        }
        QCOMPARE(verifier.rememberedTokens(), qsizetype(0));
        QVERIFY(verifier.verify(good).has_value());
    }

    void signatureOfAnotherKey_isRefused_alsoOfAKnownToken()
    {
        VapidVerifier verifier(Origin, m_clock);
        const VapidHeader good = m_sender.good();
        QVERIFY(verifier.verify(good).has_value());
        const Sender other;
        QCOMPARE(verifier.verify({ good.token, other.key() }).error(), ErrorCode::VapidSignature);
        QCOMPARE(verifier.rememberedTokens(), qsizetype(1));
    }

    void keys_inOtherSpellings_areTaken()
    {
        VapidVerifier verifier(Origin, m_clock);
        const QByteArray raw = *fromBase64Url(PythonPoint);
        for (const QByteArray &spelling :
             { raw.toBase64(), PythonPoint + '=', raw.toBase64(QByteArray::OmitTrailingEquals) }) {
            const auto sender = verifier.verify({ PythonToken, spelling });
            QVERIFY2(sender, spelling.constData());
            QCOMPARE(sender->publicKey, raw);
            QCOMPARE(sender->keyHash, sha256(raw));
        }
    }

    void keys_thatAreNoPoints_areRefused()
    {
        VapidVerifier verifier(Origin, m_clock);
        const QByteArray raw = *fromBase64Url(PythonPoint);
        QByteArray off = raw;
        off[64] = static_cast<char>(off[64] ^ 1);
        const QByteArrayList wrong {
            PythonCompressed,
            toBase64Url(off),
            toBase64Url(raw.mid(1)),
            toBase64Url(raw + 'x'),
            toBase64Url('\x04' + QByteArray(64, '\0')),
            "A",
            "not base64!",
            PythonPoint + "===",
            QByteArray(1000, 'A'),
        };
        for (const QByteArray &key : wrong) {
            const auto sender = verifier.verify({ PythonToken, key });
            QVERIFY2(!sender, key.constData());
            QCOMPARE(sender.error(), ErrorCode::VapidKeyInvalid);
        }
    }

    // What is remembered.

    void goodToken_isRemembered_untilItExpires()
    {
        ManualClock clock(fromSeconds(Now));
        VapidVerifier verifier(Origin, clock);
        const VapidHeader header = m_sender.good();
        QVERIFY(verifier.verify(header).has_value());
        QVERIFY(!verifier.wasKnown());
        QCOMPARE(verifier.rememberedTokens(), qsizetype(1));
        const auto again = verifier.verify(header);
        QVERIFY(again.has_value());
        QVERIFY(verifier.wasKnown());
        QCOMPARE(again->publicKey, *fromBase64Url(m_sender.key()));
        QCOMPARE(verifier.rememberedTokens(), qsizetype(1));

        clock.advance(3660s);
        QVERIFY(verifier.verify(header).has_value());
        clock.advance(1s);
        QCOMPARE(verifier.verify(header).error(), ErrorCode::VapidExpired);
        QCOMPARE(verifier.rememberedTokens(), qsizetype(0));
        QCOMPARE(verifier.verify(header).error(), ErrorCode::VapidExpired);
    }

    void rememberedToken_isJudgedAnew_whenTheClockStepsBack()
    {
        ManualClock clock(fromSeconds(Now));
        VapidVerifier verifier(Origin, clock);
        const VapidHeader header = m_sender.good();
        QVERIFY(verifier.verify(header).has_value());
        clock.stepWall(wallFromSeconds(Now - 90'000));
        QCOMPARE(verifier.verify(header).error(), ErrorCode::VapidExpiryTooFar);
    }

    // While the clock may be wrong.

    void onlyTheTimeIsWrong_whileTheClockIsDoubted_data()
    {
        QTest::addColumn<WallTrust>("trust");
        QTest::addColumn<qint64>("expires");
        QTest::addColumn<ErrorCode>("error");
        const auto row = [](const char *name, WallTrust trust, qint64 expires, ErrorCode error) {
            QTest::newRow(name) << trust << expires << error;
        };
        constexpr qint64 Past = Now - 3'600;
        constexpr qint64 Future = Now + 90'000;
        row("trusted, past", WallTrust::Trusted, Past, ErrorCode::VapidExpired);
        row("trusted, future", WallTrust::Trusted, Future, ErrorCode::VapidExpiryTooFar);
        row("perhaps behind, past", WallTrust::MayBeBehind, Past, ErrorCode::VapidExpired);
        row("perhaps behind, future", WallTrust::MayBeBehind, Future, ErrorCode::ClockNotTrusted);
        row("doubtful, past", WallTrust::Doubtful, Past, ErrorCode::ClockNotTrusted);
        row("doubtful, future", WallTrust::Doubtful, Future, ErrorCode::ClockNotTrusted);
    }
    void onlyTheTimeIsWrong_whileTheClockIsDoubted()
    {
        QFETCH(const WallTrust, trust);
        QFETCH(const qint64, expires);
        QFETCH(const ErrorCode, error);
        ManualClock clock(fromSeconds(Now));
        clock.setTrust(trust);
        VapidVerifier verifier(Origin, clock);
        QCOMPARE(verifier.verify(m_sender.expiring(QByteArray::number(expires))).error(), error);
        // Nor is one that passed before.
        QVERIFY(verifier.verify(m_sender.good()).has_value());
        clock.stepWall(wallFromSeconds(Now + 3'600 - (expires - Now)));
        QCOMPARE(verifier.verify(m_sender.good()).error(), error);
    }

    void moreThanTheTimeIsWrong_whileTheClockIsDoubted()
    {
        ManualClock clock(fromSeconds(Now));
        clock.setTrust(WallTrust::Doubtful);
        VapidVerifier verifier(Origin, clock);
        VapidHeader forged = m_sender.expiring(QByteArray::number(qlonglong { Now - 3'600 }));
        forged.publicKey = Sender().key();
        QCOMPARE(verifier.verify(forged).error(), ErrorCode::VapidSignature);
        // Good ones pass.
        QVERIFY(verifier.verify(m_sender.good()).has_value());
    }

    void memory_isBounded()
    {
        VapidVerifier verifier(Origin, m_clock, 3);
        for (int i = 0; i < 10; ++i) {
            QVERIFY(verifier.verify(m_sender.expiring(QByteArray::number(qlonglong { Now + i })))
                        .has_value());
        }
        QCOMPARE(verifier.rememberedTokens(), qsizetype(3));
    }

    /// Who signs chooses its length.
    void longSubject_isTakenAndNotRemembered()
    {
        VapidVerifier verifier(Origin, m_clock);
        for (const int size : { 200, 2'000 }) {
            const QByteArray subject = "mailto:" + QByteArray(size, 'a');
            const VapidHeader header = m_sender.withClaims(json(
                "{'aud':'https://push.example.net','exp':1700003600,'sub':'" + subject + "'}"));
            for (int i = 0; i < 2; ++i) {
                const auto sender = verifier.verify(header);
                QVERIFY(sender.has_value());
                QCOMPARE(sender->subject, subject);
            }
            QCOMPARE(verifier.rememberedTokens(), qsizetype(1));
        }
    }

    void manyKeys_areTakenOneAfterAnother()
    {
        // More than are kept parsed; the first must work again after it was dropped.
        VapidVerifier verifier(Origin, m_clock, 1);
        const VapidHeader first = m_sender.good();
        QVERIFY(verifier.verify(first).has_value());
        for (int i = 0; i < 300; ++i)
            QVERIFY(verifier.verify(Sender().good()).has_value());
        QVERIFY(verifier.verify(first).has_value());
    }

private:
    const ManualClock m_clock { fromSeconds(Now) };
    const Sender m_sender;
};

QTEST_APPLESS_MAIN(tst_Vapid)
#include "tst_vapid.moc"
