// SPDX-License-Identifier: MPL-2.0
#include "core/message/pushheaders.h"
#include "tests/support/errorcodetext.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds MaxTtl = 2'592'000s;

RawPushHeaders withTtl(QByteArrayView ttl)
{
    RawPushHeaders raw;
    raw.ttl = ttl;
    return raw;
}

RawPushHeaders withBody(QByteArrayView encoding, QByteArrayView encryption = {},
                        QByteArrayView cryptoKey = {})
{
    RawPushHeaders raw = withTtl("60");
    raw.contentEncoding = encoding;
    raw.encryption = encryption;
    raw.cryptoKey = cryptoKey;
    raw.hasBody = true;
    return raw;
}

} // namespace

class tst_ParsePushHeaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ttl_isReadAndCapped_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("seconds");
        QTest::newRow("zero") << QByteArray("0") << qint64 { 0 };
        QTest::newRow("minus zero") << QByteArray("-0") << qint64 { 0 };
        QTest::newRow("one") << QByteArray("1") << qint64 { 1 };
        QTest::newRow("plus") << QByteArray("+60") << qint64 { 60 };
        QTest::newRow("leading zeros") << QByteArray("00000000000000000000000060") << qint64 { 60 };
        QTest::newRow("spaces around") << QByteArray(" 60 ") << qint64 { 60 };
        QTest::newRow("the maximum") << QByteArray("2592000") << qint64 { 2'592'000 };
        QTest::newRow("one over it") << QByteArray("2592001") << qint64 { 2'592'000 };
        QTest::newRow("over 32 bits") << QByteArray("4294967296") << qint64 { 2'592'000 };
        QTest::newRow("over 64 bits") << QByteArray("18446744073709551617") << qint64 { 2'592'000 };
        QTest::newRow("a thousand digits") << QByteArray(1000, '9') << qint64 { 2'592'000 };
    }
    void ttl_isReadAndCapped()
    {
        QFETCH(QByteArray, text);
        QFETCH(qint64, seconds);
        const auto headers = parsePushHeaders(withTtl(text), MaxTtl);
        QVERIFY(headers.has_value());
        QCOMPARE(qint64 { headers->ttl.count() }, seconds);
    }

    void ttl_faulty_isRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<ErrorCode>("code");
        QTest::newRow("absent") << QByteArray() << ErrorCode::TtlMissing;
        QTest::newRow("empty") << QByteArray("") << ErrorCode::TtlInvalid;
        QTest::newRow("space") << QByteArray(" ") << ErrorCode::TtlInvalid;
        QTest::newRow("word") << QByteArray("soon") << ErrorCode::TtlInvalid;
        QTest::newRow("fraction") << QByteArray("1.5") << ErrorCode::TtlInvalid;
        QTest::newRow("unit") << QByteArray("60s") << ErrorCode::TtlInvalid;
        QTest::newRow("hexadecimal") << QByteArray("0x10") << ErrorCode::TtlInvalid;
        QTest::newRow("two signs") << QByteArray("--1") << ErrorCode::TtlInvalid;
        QTest::newRow("sign alone") << QByteArray("-") << ErrorCode::TtlInvalid;
        QTest::newRow("huge, then a letter") << QByteArray(40, '9') + 'x' << ErrorCode::TtlInvalid;
        QTest::newRow("negative") << QByteArray("-1") << ErrorCode::TtlNegative;
        QTest::newRow("hugely negative") << '-' + QByteArray(40, '9') << ErrorCode::TtlNegative;
    }
    void ttl_faulty_isRefused()
    {
        QFETCH(QByteArray, text);
        QFETCH(ErrorCode, code);
        const QByteArrayView ttl = text.isNull() ? QByteArrayView() : QByteArrayView(text);
        const auto headers = parsePushHeaders(withTtl(ttl), MaxTtl);
        QVERIFY(!headers);
        QCOMPARE(headers.error(), code);
    }

    void topic_isRead_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("topic");
        QTest::newRow("absent") << QByteArray() << QByteArray();
        QTest::newRow("empty") << QByteArray("") << QByteArray();
        QTest::newRow("letters") << QByteArray("a-Z_09") << QByteArray("a-Z_09");
        QTest::newRow("padded") << QByteArray("abc=") << QByteArray("abc");
        QTest::newRow("32 characters") << QByteArray(32, 'x') << QByteArray(32, 'x');
        QTest::newRow("one character") << QByteArray("x") << QByteArray("x");
    }
    void topic_isRead()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, topic);
        RawPushHeaders raw = withTtl("0");
        raw.topic = text.isNull() ? QByteArrayView() : QByteArrayView(text);
        const auto headers = parsePushHeaders(raw, MaxTtl);
        QVERIFY(headers.has_value());
        QCOMPARE(headers->topic, topic);
    }

    void topic_faulty_isRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("33 characters") << QByteArray(33, 'x');
        QTest::newRow("33 with padding") << QByteArray(32, 'x') + '=';
        QTest::newRow("padding alone") << QByteArray("=");
        QTest::newRow("padding inside") << QByteArray("a=b");
        QTest::newRow("space") << QByteArray("a b");
        QTest::newRow("standard letters") << QByteArray("a+b/");
        QTest::newRow("colon") << QByteArray("a:b");
        QTest::newRow("umlaut") << QByteArray("\xc3\xa4");
        QTest::newRow("dot") << QByteArray("a.b");
    }
    void topic_faulty_isRefused()
    {
        QFETCH(QByteArray, text);
        RawPushHeaders raw = withTtl("0");
        raw.topic = text;
        const auto headers = parsePushHeaders(raw, MaxTtl);
        QVERIFY(!headers);
        QCOMPARE(headers.error(), ErrorCode::TopicInvalid);
    }

    void urgency_isRead_unknownCountsAsNormal_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("urgency");
        QTest::addColumn<bool>("unknown");
        QTest::newRow("absent") << QByteArray() << int(Urgency::Normal) << false;
        QTest::newRow("very-low") << QByteArray("very-low") << int(Urgency::VeryLow) << false;
        QTest::newRow("low") << QByteArray("low") << int(Urgency::Low) << false;
        QTest::newRow("normal") << QByteArray("normal") << int(Urgency::Normal) << false;
        QTest::newRow("high") << QByteArray("high") << int(Urgency::High) << false;
        QTest::newRow("upper case") << QByteArray("High") << int(Urgency::High) << false;
        QTest::newRow("unknown") << QByteArray("urgent") << int(Urgency::Normal) << true;
        QTest::newRow("empty") << QByteArray("") << int(Urgency::Normal) << true;
    }
    void urgency_isRead_unknownCountsAsNormal()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, urgency);
        QFETCH(bool, unknown);
        RawPushHeaders raw = withTtl("0");
        raw.urgency = text.isNull() ? QByteArrayView() : QByteArrayView(text);
        const auto headers = parsePushHeaders(raw, MaxTtl);
        QVERIFY(headers.has_value());
        QCOMPARE(int(headers->urgency), urgency);
        QCOMPARE(headers->urgencyUnknown, unknown);
    }

    void noBody_noEncryptionHeadersAreJudgedOrPassedOn()
    {
        RawPushHeaders raw = withBody("gzip", "salt=!!", "nonsense");
        raw.hasBody = false;
        const auto headers = parsePushHeaders(raw, MaxTtl);
        QVERIFY(headers.has_value());
        QVERIFY(headers->encoding == Encoding::None);
        QVERIFY(headers->encryption.isEmpty());
        QVERIFY(headers->cryptoKey.isEmpty());
    }

    void aes128gcm_passesNoLegacyHeadersOn()
    {
        const auto headers =
            parsePushHeaders(withBody("aes128gcm", "rs=4096", "p256ecdsa=BKey"), MaxTtl);
        QVERIFY(headers.has_value());
        QVERIFY(headers->encoding == Encoding::Aes128Gcm);
        QVERIFY(headers->encryption.isEmpty());
        QVERIFY(headers->cryptoKey.isEmpty());
    }

    void aesgcm_passesValuesOn_withoutQuotesAndPadding_data()
    {
        QTest::addColumn<QByteArray>("encryption");
        QTest::addColumn<QByteArray>("cryptoKey");
        QTest::addColumn<QByteArray>("passedEncryption");
        QTest::addColumn<QByteArray>("passedCryptoKey");
        QTest::newRow("plain") << QByteArray("salt=abc") << QByteArray("dh=def")
                               << QByteArray("salt=abc") << QByteArray("dh=def");
        QTest::newRow("quoted and padded")
            << QByteArray("keyid=\"p256dh\";salt=\"abc==\"; rs=4096")
            << QByteArray("keyid=\"p256dh\";dh=\"def=\",p256ecdsa=ghi==")
            << QByteArray("keyid=p256dh;salt=abc; rs=4096")
            << QByteArray("keyid=p256dh;dh=def,p256ecdsa=ghi");
        QTest::newRow("spaces before separators")
            << QByteArray("salt = abc= ; rs=1") << QByteArray("dh=def= , keyid=x")
            << QByteArray("salt = abc; rs=1") << QByteArray("dh=def, keyid=x");
        QTest::newRow("space behind the first quote")
            << QByteArray("\" keyid=x\";salt=abc") << QByteArray("\" keyid=x\";dh=def")
            << QByteArray("keyid=x;salt=abc") << QByteArray("keyid=x;dh=def");
        QTest::newRow("no Crypto-Key")
            << QByteArray("salt=abc") << QByteArray() << QByteArray("salt=abc") << QByteArray();
        QTest::newRow("upper-case names") << QByteArray("SALT=abc") << QByteArray("DH=def")
                                          << QByteArray("SALT=abc") << QByteArray("DH=def");
    }
    void aesgcm_passesValuesOn_withoutQuotesAndPadding()
    {
        QFETCH(QByteArray, encryption);
        QFETCH(QByteArray, cryptoKey);
        QFETCH(QByteArray, passedEncryption);
        QFETCH(QByteArray, passedCryptoKey);
        const auto headers = parsePushHeaders(withBody("aesgcm", encryption, cryptoKey), MaxTtl);
        QVERIFY(headers.has_value());
        QVERIFY(headers->encoding == Encoding::AesGcm);
        QCOMPARE(headers->encryption, passedEncryption);
        QCOMPARE(headers->cryptoKey, passedCryptoKey);
    }

    void encryption_faulty_isRefused_data()
    {
        QTest::addColumn<QByteArray>("encoding");
        QTest::addColumn<QByteArray>("encryption");
        QTest::addColumn<QByteArray>("cryptoKey");
        QTest::addColumn<ErrorCode>("code");
        const auto row = [](const char *name, const char *encoding, const char *encryption,
                            const char *cryptoKey, ErrorCode code) {
            QTest::newRow(name) << QByteArray(encoding) << QByteArray(encryption)
                                << QByteArray(cryptoKey) << code;
        };
        row("no encoding", "", "", "", ErrorCode::EncodingMissing);
        row("unknown encoding", "gzip", "", "", ErrorCode::EncodingUnknown);
        row("two encodings", "aes128gcm, gzip", "", "", ErrorCode::EncodingUnknown);
        row("the oldest draft", "aesgcm128", "salt=a", "dh=b", ErrorCode::EncodingUnknown);
        row("aes128gcm with salt", "aes128gcm", "salt=abc", "", ErrorCode::SaltNotAllowed);
        row("aes128gcm with dh", "aes128gcm", "", "dh=abc", ErrorCode::DhNotAllowed);
        row("aesgcm without Encryption", "aesgcm", "", "dh=abc", ErrorCode::SaltMissing);
        row("aesgcm without salt", "aesgcm", "rs=4096", "dh=abc", ErrorCode::SaltMissing);
        row("empty salt", "aesgcm", "salt=", "dh=abc", ErrorCode::SaltInvalid);
        row("salt under a quoted name before it", "aesgcm", "\"salt\"=aaa;salt=abc", "dh=abc",
            ErrorCode::SaltInvalid);
        row("dh under a quoted name before it", "aesgcm", "salt=abc", "\"dh\"=aaa,dh=abc",
            ErrorCode::DhInvalid);
        row("salt in standard base64", "aesgcm", "salt=a+b/", "dh=abc", ErrorCode::SaltInvalid);
        row("salt with junk", "aesgcm", "salt=a!b", "dh=abc", ErrorCode::SaltInvalid);
        row("backslash beside the salt", "aesgcm", "salt=abc;x=\\u0041", "dh=abc",
            ErrorCode::SaltInvalid);
        row("control character", "aesgcm", "salt=abc;x=\x01", "dh=abc", ErrorCode::SaltInvalid);
        row("no dh", "aesgcm", "salt=abc", "p256ecdsa=abc", ErrorCode::DhInvalid);
        row("empty dh", "aesgcm", "salt=abc", "dh=", ErrorCode::DhInvalid);
        row("dh with junk", "aesgcm", "salt=abc", "dh=a.b", ErrorCode::DhInvalid);
        row("not ASCII beside the dh", "aesgcm", "salt=abc", "dh=abc;x=\xc3\xa4",
            ErrorCode::CryptoKeyInvalid);
    }
    void encryption_faulty_isRefused()
    {
        QFETCH(QByteArray, encoding);
        QFETCH(QByteArray, encryption);
        QFETCH(QByteArray, cryptoKey);
        QFETCH(ErrorCode, code);
        const auto headers = parsePushHeaders(withBody(encoding, encryption, cryptoKey), MaxTtl);
        QVERIFY(!headers);
        QCOMPARE(headers.error(), code);
    }

    void faults_areFoundInAutopushsOrder()
    {
        RawPushHeaders raw = withBody("gzip");
        raw.topic = "not a topic";
        raw.ttl = "soon";
        QCOMPARE(parsePushHeaders(raw, MaxTtl).error(), ErrorCode::TtlInvalid);
        raw.ttl = "-1";
        QCOMPARE(parsePushHeaders(raw, MaxTtl).error(), ErrorCode::EncodingUnknown);
        raw.contentEncoding = "aes128gcm";
        QCOMPARE(parsePushHeaders(raw, MaxTtl).error(), ErrorCode::TtlNegative);
        raw.ttl = "1";
        QCOMPARE(parsePushHeaders(raw, MaxTtl).error(), ErrorCode::TopicInvalid);
        raw.topic = "topic";
        QVERIFY(parsePushHeaders(raw, MaxTtl).has_value());
    }
};

QTEST_APPLESS_MAIN(tst_ParsePushHeaders)
#include "tst_parsepushheaders.moc"
