// SPDX-License-Identifier: MPL-2.0
#include "core/message/endpointtoken.h"
#include "tests/support/errorcodetext.h"

#include <QTest>

using namespace Carillon;

namespace {

// From tests/core/crypto/vectors.py: made with Python's cryptography from the same ids.
const QByteArray FirstKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const QByteArray SecondKey = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1-f4CBgoM=";
const QByteArray PythonV1 =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD7Ep5iFZf3U_q2MAuzc3qvXU8dATPdUQPZhSWPv"
    "wEloZAoTEbLKW4MBgls69FrEu-ZtEQk0bvrzvhqRircsrMa1z01kIh4XTbGLvxnJcKBAK";
const QByteArray PythonV2 =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD7Ep5iFZf3U_q2MAuzc3qvXU8dATPdUQPZhSWPvwEloZueN__hf6hnsdtMMlL"
    "IE7d-nOauVN9HgIK1HYHDE4WOgH8LUj_xmSSFmeREMDQBKhr6dxS51BSkuuq-_NBs7I-nT-CdyivgnogUk4qdh2Rj0";
const QByteArray PythonV2SecondKey =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0ODxCQbp1BnxMXTKR0jA4-TqiYZjvKh0sIoluOJW2GrPVE2jyUqmwOWIduacmf8"
    "GSe2q5o3WOmNLIdiU3El2inH_Kn80J7uAdiRbbyKIT748dpST-4s_3CtebwUK6rpBUnvbbrrlL415JD3mxbOs8astc";
const QByteArray Python63Bytes =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD7Ep5iFZf3U_q2MAuzc3qvXU8dATPdUQPZhSWPvwEloZueN__hf6hnsdtMMlL"
    "IE7d7tuGKJtPSO635uA4D7m6P5VORCOPQ6fbK7EY-I2iiARpgg6ImwBUYpjowwhiYI0ww";

const Uaid User = *parseUaid("0123456789abcdef0123456789abcdef");
const ChannelId Channel = *parseChannelId("fedcba98765432100123456789abcdef");
const QByteArray KeyHash =
    QByteArray::fromHex("2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683");

EndpointTokens tokensOf(const QList<QByteArray> &keys)
{
    return EndpointTokens(Fernet::fromKeys(keys).value());
}

} // namespace

class tst_EndpointToken : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tokensMadeElsewhere_areRead_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("version");
        QTest::addColumn<QByteArray>("keyHash");
        QTest::newRow("v1") << PythonV1 << 1 << QByteArray();
        QTest::newRow("v2") << PythonV2 << 2 << KeyHash;
        QTest::newRow("v2 padded") << PythonV2 + '=' << 2 << KeyHash;
        QTest::newRow("v2 of an older key") << PythonV2SecondKey << 2 << KeyHash;
    }
    void tokensMadeElsewhere_areRead()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, version);
        QFETCH(QByteArray, keyHash);
        const auto plain = tokensOf({ FirstKey, SecondKey }).open(text);
        QVERIFY(plain.has_value());
        const auto token =
            EndpointTokens::parse(version == 1 ? ApiVersion::V1 : ApiVersion::V2, *plain);
        QVERIFY(token.has_value());
        QVERIFY(*token == (EndpointToken { User, Channel, keyHash }));
    }

    void ownTokens_comeBack_trimmed()
    {
        const EndpointTokens tokens = tokensOf({ FirstKey });
        for (const QByteArray &hash : { QByteArray(), KeyHash }) {
            const EndpointToken token { User, Channel, hash };
            const QByteArray text = tokens.make(token, wallFromSeconds(1'700'000'000));
            QVERIFY(!text.contains('='));
            QVERIFY(text != tokens.make(token, wallFromSeconds(1'700'000'000)));
            const auto read = EndpointTokens::parse(token.version(), *tokens.open(text));
            QVERIFY(read.has_value());
            QVERIFY(*read == token);
        }
    }

    void version_followsTheKeyHash()
    {
        QVERIFY((EndpointToken { User, Channel, {} }).version() == ApiVersion::V1);
        QVERIFY((EndpointToken { User, Channel, KeyHash }).version() == ApiVersion::V2);
    }

    void foreignToken_isNotOpened()
    {
        QVERIFY(!tokensOf({ SecondKey }).open(PythonV2));
        QVERIFY(!tokensOf({ FirstKey }).open(PythonV2SecondKey));
        QVERIFY(!tokensOf({ FirstKey }).open(""));
        QVERIFY(!tokensOf({ FirstKey }).open("test"));
        QVERIFY(!tokensOf({ FirstKey }).open(PythonV2 + '/'));
    }

    void wrongLength_isRefused_afterDecryption()
    {
        const auto plain = tokensOf({ FirstKey }).open(Python63Bytes);
        QVERIFY(plain.has_value());
        QCOMPARE(plain->size(), 63);
        QCOMPARE(EndpointTokens::parse(ApiVersion::V2, *plain).error(), ErrorCode::InvalidToken);
        for (qsizetype size = 0; size < 100; ++size) {
            const QByteArray bytes(size, 'x');
            QCOMPARE(EndpointTokens::parse(ApiVersion::V1, bytes).has_value(), size == 32);
            QCOMPARE(EndpointTokens::parse(ApiVersion::V2, bytes).has_value(), size == 64);
        }
    }

    void tokenOfTheOtherVersion_isRefused()
    {
        const EndpointTokens tokens = tokensOf({ FirstKey });
        QCOMPARE(EndpointTokens::parse(ApiVersion::V2, *tokens.open(PythonV1)).error(),
                 ErrorCode::InvalidToken);
        QCOMPARE(EndpointTokens::parse(ApiVersion::V1, *tokens.open(PythonV2)).error(),
                 ErrorCode::InvalidToken);
    }
};

QTEST_APPLESS_MAIN(tst_EndpointToken)
#include "tst_endpointtoken.moc"
