// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "core/crypto/fernet.h"

#include <QTest>

#include <numeric>

using namespace Carillon;

namespace {

const QByteArray SpecKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const QByteArray SpecToken = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuV"
                             "UPgJobwOz7JcbmrR64jVmpU4IwqDA==";
constexpr std::int64_t SpecSeconds = 499'162'800;

// From vectors.py in this folder.
const QByteArray FirstKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const QByteArray SecondKey = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1-f4CBgoM=";
const QByteArray PythonEmpty = "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD7eteCFsVWnW2hqrh_bbxWG2kgARxHn5BD1"
                               "_8db41B-9AjTeFsfNLWkqNE3aSOKVfQ==";

Fernet fernetOf(const QList<QByteArray> &keys)
{
    return Fernet::fromKeys(keys).value();
}

Fernet::Iv countingIv()
{
    Fernet::Iv iv;
    std::iota(iv.begin(), iv.end(), std::uint8_t { 0 });
    return iv;
}

} // namespace

class tst_Fernet : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // github.com/fernet/spec, generate.json and verify.json.
    void specVector_isMadeAndRead()
    {
        const Fernet fernet = fernetOf({ SpecKey });
        QCOMPARE(fernet.encryptWith("hello", SpecSeconds, countingIv()), SpecToken);
        const auto opened = fernet.open(SpecToken);
        QVERIFY(opened.has_value());
        QCOMPARE(opened->plain, QByteArray("hello"));
        QCOMPARE(opened->seconds, SpecSeconds);
        QCOMPARE(opened->keyIndex, size_t(0));
        QVERIFY(opened->iv == countingIv());
    }

    // invalid.json of the same, but for the two rows about age: tokens here do not expire.
    void specInvalid_isRefused_data()
    {
        QTest::addColumn<QByteArray>("token");
        QTest::newRow("incorrect mac") << QByteArray(
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8A"
            "KtwcaX1YdykQUFBQUFBQUFBQQ==");
        QTest::newRow("too short")
            << QByteArray("gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==");
        QTest::newRow("invalid base64") << QByteArray(
            "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8A"
            "KtwcaX1YdykRtfsH-p1YsUD2Q==");
        QTest::newRow("payload no multiple of the block size") << QByteArray(
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5v"
            "z6oxq5nmxbx_v7mrfyudzUm");
        QTest::newRow("padding of the payload") << QByteArray(
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatO"
            "YREu2FWke6CnJNYIbkuKNqOhw==");
        QTest::newRow("incorrect IV") << QByteArray(
            "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUf"
            "WgHSv49TF2AUEZ1TIvcZjK1zQ==");
        QTest::newRow("trailing data") << SpecToken + "trailingdata";
        QTest::newRow("invalid characters") << QByteArray(
            "*gAAAAAAdwJ6wAAECAwQFBgcI!CQoLDA0ODy021?cpGVWKZ_eEwC@GM4BLLF_5CV9dOPmrhuV"
            "UPgJobwOz7JcbmrR64jVmpU4IwqDA==");
        QTest::newRow("standard letters") << QByteArray(
            "gAAAAAAdwJ6wAAEC/AwQFBgcICQoLDA0ODy+021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUP"
            "gJobwOz7JcbmrR64jVmpU4IwqDA==");
    }
    void specInvalid_isRefused()
    {
        QFETCH(QByteArray, token);
        QVERIFY(!fernetOf({ SpecKey }).open(token));
    }

    void pythonsToken_isMadeAndRead()
    {
        const Fernet fernet = fernetOf({ FirstKey });
        QCOMPARE(fernet.encryptWith("", 1'700'000'000, countingIv()), PythonEmpty);
        QCOMPARE(fernet.open(PythonEmpty)->plain.size(), 0);
    }

    void everyLength_comesBack()
    {
        const Fernet fernet = fernetOf({ FirstKey });
        for (qsizetype size = 0; size < 200; ++size) {
            const QByteArray plain(size, 'x');
            const auto opened = fernet.open(fernet.encrypt(plain, wallFromSeconds(7)));
            QVERIFY(opened.has_value());
            QCOMPARE(opened->plain, plain);
            QCOMPARE(opened->seconds, 7);
        }
    }

    void encrypt_twice_givesTwoTokens()
    {
        const Fernet fernet = fernetOf({ FirstKey });
        QVERIFY(fernet.encrypt("x", WallTime()) != fernet.encrypt("x", WallTime()));
    }

    void padding_mayBeTrimmed_butNotHalf()
    {
        const Fernet fernet = fernetOf({ SpecKey });
        QVERIFY(SpecToken.endsWith("=="));
        QVERIFY(fernet.open(SpecToken.chopped(2)).has_value());
        QVERIFY(!fernet.open(SpecToken.chopped(1)));
        QVERIFY(!fernet.open(SpecToken + '='));
        QVERIFY(!fernet.open(SpecToken + "===="));
    }

    void anyAlteredCharacter_isRefused()
    {
        const Fernet fernet = fernetOf({ SpecKey });
        const QByteArray trimmed = SpecToken.chopped(2);
        for (qsizetype i = 0; i < trimmed.size(); ++i) {
            for (const char other : { 'A', 'B', '_', '=', '.', '\0' }) {
                QByteArray altered = trimmed;
                altered[i] = other;
                QVERIFY2(altered == trimmed || !fernet.open(altered), altered.constData());
            }
        }
    }

    void anyFlippedBit_isRefused()
    {
        const Fernet fernet = fernetOf({ SpecKey });
        const QByteArray raw = *fromBase64Url(withoutPadding(SpecToken));
        for (qsizetype i = 0; i < raw.size() * 8; ++i) {
            QByteArray altered = raw;
            altered[i / 8] = static_cast<char>(altered[i / 8] ^ (1 << (i % 8)));
            QVERIFY(!fernet.open(toBase64Url(altered)));
        }
    }

    void anyCutToken_isRefused()
    {
        const Fernet fernet = fernetOf({ SpecKey });
        for (qsizetype size = 0; size < SpecToken.size() - 2; ++size) {
            QVERIFY(!fernet.open(QByteArrayView(SpecToken).first(size)));
            QVERIFY(!fernet.open(QByteArrayView(SpecToken).last(size)));
        }
    }

    void otherVersion_isRefused_alsoWhenSigned()
    {
        const Fernet fernet = fernetOf({ SpecKey });
        const QByteArray signingKey = fromBase64Url(withoutPadding(SpecKey))->first(16);
        const QByteArray raw = fromBase64Url(withoutPadding(SpecToken))->chopped(Sha256Size);
        for (const char version : { '\x80', '\x81', '\0' }) {
            QByteArray text = raw;
            text[0] = version;
            const QByteArray token = toBase64Url(text + hmacSha256(signingKey, text));
            QCOMPARE(fernet.open(token).has_value(), version == '\x80');
        }
    }

    void tokenOverTheLimit_isRefused()
    {
        const Fernet fernet = fernetOf({ FirstKey });
        // 57 bytes around 1471 of text: 1536 bytes, 2048 characters.
        const QByteArray longest = fernet.encrypt(QByteArray(1455, 'x'), WallTime());
        QVERIFY(longest.size() <= Fernet::MaxTokenSize);
        QVERIFY(fernet.open(longest).has_value());
        const QByteArray tooLong = fernet.encrypt(QByteArray(1500, 'x'), WallTime());
        QVERIFY(tooLong.size() > Fernet::MaxTokenSize);
        QVERIFY(!fernet.open(tooLong));
        QVERIFY(!fernet.open(QByteArray(100'000, 'A')));
    }

    void rotation_firstKeyEncrypts_allKeysOpen()
    {
        const Fernet before = fernetOf({ SecondKey });
        const Fernet after = fernetOf({ FirstKey, SecondKey });
        const QByteArray old = before.encrypt("old", WallTime());
        const QByteArray fresh = after.encrypt("new", WallTime());
        QCOMPARE(after.open(old)->keyIndex, size_t(1));
        QCOMPARE(after.open(old)->plain, QByteArray("old"));
        QCOMPARE(after.open(fresh)->keyIndex, size_t(0));
        QVERIFY(!before.open(fresh));
        QVERIFY(!fernetOf({ FirstKey }).open(old));
    }

    void copies_workAlone()
    {
        std::optional<Fernet> original = fernetOf({ FirstKey, SecondKey });
        Fernet copy = *original;
        Fernet assigned = fernetOf({ SpecKey });
        assigned = copy;
        const QByteArray token = original->encrypt("text", WallTime());
        const auto tag = original->tag(1, "data");
        original.reset();
        QCOMPARE(copy.open(token)->plain, QByteArray("text"));
        QCOMPARE(assigned.open(token)->plain, QByteArray("text"));
        QVERIFY(copy.tag(1, "data") == tag);
        QVERIFY(!assigned.open(SpecToken));
    }

    void tag_dependsOnKeyAndData()
    {
        const Fernet fernet = fernetOf({ FirstKey, SecondKey });
        QVERIFY(fernet.tag(0, "data") == fernetOf({ FirstKey }).tag(0, "data"));
        QVERIFY(fernet.tag(0, "data") != fernet.tag(1, "data"));
        QVERIFY(fernet.tag(0, "data") != fernet.tag(0, "date"));
        QCOMPARE(fernet.keyCount(), size_t(2));
    }

    void key_withoutPadding_isTaken()
    {
        QVERIFY(fernetOf({ SpecKey.chopped(1) }).open(SpecToken).has_value());
    }

    void badKey_isNamedByPlace_notByContent_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QString>("fault");
        QTest::newRow("31 bytes") << toPaddedBase64Url(QByteArray(31, 'k'))
                                  << QStringLiteral("key 2 of 2 has 31 bytes instead of 32");
        QTest::newRow("33 bytes") << toPaddedBase64Url(QByteArray(33, 'k'))
                                  << QStringLiteral("key 2 of 2 has 33 bytes instead of 32");
        QTest::newRow("empty") << QByteArray()
                               << QStringLiteral("key 2 of 2 has 0 bytes instead of 32");
        QTest::newRow("standard letters") << QByteArray(SpecKey).replace('_', '/')
                                          << QStringLiteral("key 2 of 2 is not URL-safe base64");
        QTest::newRow("hex") << QByteArray(32, 'k').toHex()
                             << QStringLiteral("key 2 of 2 has 48 bytes instead of 32");
    }
    void badKey_isNamedByPlace_notByContent()
    {
        QFETCH(QByteArray, key);
        QFETCH(QString, fault);
        const auto made = Fernet::fromKeys({ FirstKey, key });
        QVERIFY(!made);
        QCOMPARE(made.error(), fault);
    }

    void noKey_isRefused()
    {
        const auto made = Fernet::fromKeys({});
        QVERIFY(!made);
        QCOMPARE(made.error(), QStringLiteral("no key is given"));
    }

    void newKey_isFreshAndUsable()
    {
        const QByteArray key = newFernetKey();
        QCOMPARE(key.size(), 44);
        QVERIFY(key != newFernetKey());
        const Fernet fernet = fernetOf({ key });
        QCOMPARE(fernet.open(fernet.encrypt("x", WallTime()))->plain, QByteArray("x"));
    }

    // RFC 4231 §4.2 and §4.3, FIPS 180-2 B.1.
    void digests_matchTheirStandards()
    {
        QCOMPARE(sha256("abc").toHex(),
                 QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(hmacSha256(QByteArray(20, '\x0b'), "Hi There").toHex(),
                 QByteArray("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
        QCOMPARE(hmacSha256("Jefe", "what do ya want for nothing?").toHex(),
                 QByteArray("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
        // echo -n | openssl dgst -sha256 -mac hmac -macopt key:
        QCOMPARE(hmacSha256("", "").toHex(),
                 QByteArray("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
    }

    void equalInConstantTime_comparesSizeAndBytes()
    {
        QVERIFY(equalInConstantTime("same", "same"));
        QVERIFY(equalInConstantTime("", ""));
        QVERIFY(!equalInConstantTime("same", "samf"));
        QVERIFY(!equalInConstantTime("same", "sam"));
    }
};

QTEST_APPLESS_MAIN(tst_Fernet)
#include "tst_fernet.moc"
