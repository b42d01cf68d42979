// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "core/crypto/ece.h"
#include "core/crypto/p256.h"

#include <QTest>

using namespace Carillon;

namespace {

// RFC 8291 §5 and appendix A.
const QByteArray RfcPlain = "When I grow up, I want to be a watermelon";
const QByteArray RfcSenderScalar = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
const QByteArray RfcReceiverScalar = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const QByteArray RfcReceiverPoint =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyP"
    "js7Vd8pZGH6SRpkNtoIAiw4";
const QByteArray RfcAuth = "BTBZMqHH6r4Tts7J_aSIgg";
const QByteArray RfcSalt = "DGv6ra1nlYgDCS1FRnbzlw";
const QByteArray RfcBody =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6"
    "TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy"
    "4a-fN";

// RFC 8188 §3.1 and §3.2.
const QByteArray OneRecordKey = "yqdlZ-tYemfogSmv7Ws5PQ";
const QByteArray OneRecordBody =
    "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg";
const QByteArray TwoRecordsKey = "BO3ZVPxUlnLORbVGMpbT1Q";
const QByteArray TwoRecordsBody =
    "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1F"
    "vkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA";

// draft-ietf-webpush-encryption-04 §5.
const QByteArray DraftScalar = "9FWl15_QUQAWDaD3k3l50ZBZQJ4au27F1V4F0uLSD_M";
const QByteArray DraftAuth = "R29vIGdvbyBnJyBqb29iIQ";
const QByteArray DraftEncryption = "keyid=\"dhkey\"; salt=\"lngarbyKfMoi9Z75xYXmkg\"";
const QByteArray DraftCryptoKey =
    "keyid=\"dhkey\"; dh=\"BNoRDbb84JGm8g5Z5CFxurSqsXWJ11ItfXEWYVLE85Y7"
    "CYkDjXsIEc4aqxYaQ1G8BqkXCJ6DPpDrWtdWj_mugHU\"";
const QByteArray DraftBody = "6nqAQUME8hNqw5J3kl8cpVVJylXKYqZOeseZG8UueKpA";

// From vectors.py in this folder: made with Python's cryptography.
const QByteArray PythonScalar = "gbrodrcFE8nezGCO7VSZd6ga-hwra0CArsJWM555Lg8";
const QByteArray PythonAuth = "vfScPDiCEC_AF_-2YRCMYw";
const QByteArray PythonSalt = "Y0ea1poJCyWCd-yPum-ZQQ";
const QByteArray PythonDh =
    "BCjxEbDORMS-dYGwe8qTGfFzSvmqzC0zIdaYpWESfcZixagOMQrAvkaFNqHMboPo-sSuRRU6"
    "CNXXKfdnztNMS6A";
const QByteArray PythonBody =
    "Ji0tOB-tr50O2_EQnUCF-_EdA5SGk9hoyJjg1DfwetMjJXoh0J-wxp1ox4Dx3NeX6dtzGl"
    "jUimC9aU1KPg";
const QByteArray PythonTwoRecords =
    "Ji55UHrZto1Hye9ZnFnK7u1SEpXe1d1lhYLmmSj1P84e2tVKMtbWLkUEvoxhbod5NirIDmjLF8kcy0vDz_e3MoiT0oq6G"
    "MKKB9335q9kckgEaFpjuw";
const QByteArray PythonFullRecord =
    "Ji1JYUi-6t1Rj6IJzwPYv6sIU8zGioIsl9unwW6xJ5iFi_E3rm-P6wbUurrl4uyw"
    "NikMkCK7jwrATayFZOvJJxn6";

Result<QByteArray, QString> decryptWith(const QByteArray &body, const QByteArray &key)
{
    return decryptContent(
        body, [&](QByteArrayView) -> Result<QByteArray, QString> { return *fromBase64Url(key); });
}

ReceiverKeys rfcReceiver()
{
    return *ReceiverKeys::load(RfcReceiverScalar, RfcAuth);
}

} // namespace

class tst_Ece : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // RFC 8188.

    void rfc8188OneRecord_isMadeAndRead()
    {
        const QByteArray body = *fromBase64Url(OneRecordBody);
        const auto plain = decryptWith(body, OneRecordKey);
        QVERIFY(plain.has_value());
        QCOMPARE(*plain, QByteArray("I am the walrus"));
        QCOMPARE(encryptContent(*plain, *fromBase64Url(OneRecordKey), { body.first(16), {}, 4096 }),
                 body);
    }

    void rfc8188TwoRecordsWithPadding_areRead()
    {
        QByteArray keyId;
        const auto plain = decryptContent(*fromBase64Url(TwoRecordsBody),
                                          [&](QByteArrayView id) -> Result<QByteArray, QString> {
                                              keyId = id.toByteArray();
                                              return *fromBase64Url(TwoRecordsKey);
                                          });
        QVERIFY(plain.has_value());
        QCOMPARE(*plain, QByteArray("I am the walrus"));
        QCOMPARE(keyId, QByteArray("a1"));
    }

    void contentOfAnyLength_inRecordsOfAnySize_comesBack()
    {
        const QByteArray key(16, 'k');
        for (const qsizetype recordSize : { 18, 19, 25, 64 }) {
            for (qsizetype size = 0; size < 100; ++size) {
                const QByteArray plain(size, '\0'); // zeros are the padding, too
                const QByteArray body =
                    encryptContent(plain, key, { QByteArray(16, 's'), "id", recordSize });
                const auto back = decryptWith(body, toBase64Url(key));
                QVERIFY(back.has_value());
                QCOMPARE(*back, plain);
            }
        }
    }

    void cutBody_isRefused_alsoBetweenRecords()
    {
        const QByteArray key(16, 'k');
        const QByteArray body =
            encryptContent("0123456789abcdef", key, { QByteArray(16, 's'), "id", 25 });
        QVERIFY(decryptWith(body, toBase64Url(key)).has_value());
        for (qsizetype size = 0; size < body.size(); ++size)
            QVERIFY(!decryptWith(body.first(size), toBase64Url(key)));
    }

    void swappedRecords_areRefused()
    {
        const QByteArray key(16, 'k');
        QByteArray body =
            encryptContent("0123456789abcdefghijklmn", key, { QByteArray(16, 's'), "", 25 });
        const qsizetype first = 21;
        QCOMPARE(body.size(), first + 3 * 25);
        const QByteArray swapped =
            body.first(first) + body.mid(first + 25, 25) + body.mid(first, 25) + body.last(25);
        QVERIFY(!decryptWith(swapped, toBase64Url(key)));
    }

    void recordSizeBelow18_isRefused()
    {
        QByteArray body = *fromBase64Url(OneRecordBody);
        body[18] = 0;
        body[19] = 17;
        QCOMPARE(decryptWith(body, OneRecordKey).error(),
                 QStringLiteral("the record size 17 is below 18"));
    }

    // RFC 8291.

    void rfc8291Message_isMadeAndRead()
    {
        const KeyPointer sender = p256PrivateKey(*fromBase64Url(RfcSenderScalar));
        const auto body =
            encryptMessageWith(RfcPlain, *fromBase64Url(RfcReceiverPoint), *fromBase64Url(RfcAuth),
                               sender.get(), *fromBase64Url(RfcSalt));
        QVERIFY(body.has_value());
        QCOMPARE(toBase64Url(*body), RfcBody);
        QCOMPARE(rfcReceiver().publicKey, *fromBase64Url(RfcReceiverPoint));
        const auto plain = decryptMessage(*body, rfcReceiver());
        QVERIFY(plain.has_value());
        QCOMPARE(*plain, RfcPlain);
    }

    void message_forFreshKeys_comesBack()
    {
        const ReceiverKeys keys = ReceiverKeys::generate();
        for (const qsizetype size : { 0, 1, 4078, 4079, 4080, 5000 }) {
            const QByteArray plain(size, 'x');
            const auto body = encryptMessage(plain, keys.publicKey, keys.authSecret);
            QVERIFY(body.has_value());
            // One record (RFC 8291 §4): header with the sender's point, data, end, tag.
            QCOMPARE(body->size(), 21 + 65 + size + 1 + 16);
            const auto back = decryptMessage(*body, keys);
            QVERIFY(back.has_value());
            QCOMPARE(*back, plain);
        }
    }

    void messageForOthers_isRefused()
    {
        const QByteArray body = *fromBase64Url(RfcBody);
        ReceiverKeys other = ReceiverKeys::generate();
        QVERIFY(!decryptMessage(body, other));
        ReceiverKeys otherAuth = rfcReceiver();
        otherAuth.authSecret[0] = static_cast<char>(otherAuth.authSecret[0] ^ 1);
        QVERIFY(!decryptMessage(body, otherAuth));
    }

    void anyFlippedByte_isRefused()
    {
        const QByteArray body = *fromBase64Url(RfcBody);
        for (qsizetype i = 0; i < body.size(); ++i) {
            // A larger record size reads the same single record.
            if (i >= 16 && i < 20)
                continue;
            QByteArray altered = body;
            altered[i] = static_cast<char>(altered[i] ^ 0x10);
            QVERIFY2(!decryptMessage(altered, rfcReceiver()), qPrintable(QString::number(i)));
        }
    }

    void badReceiver_isNamed()
    {
        QCOMPARE(encryptMessage("x", QByteArray(65, '\x04'), QByteArray(16, 'a')).error(),
                 QStringLiteral("the receiver's key is no point of P-256"));
        const ReceiverKeys keys = ReceiverKeys::generate();
        QCOMPARE(encryptMessage("x", keys.publicKey, QByteArray(15, 'a')).error(),
                 QStringLiteral("the auth secret has 15 bytes instead of 16"));
    }

    void receiverKeys_areLoaded()
    {
        const ReceiverKeys keys = ReceiverKeys::generate();
        QCOMPARE(keys.publicKey.size(), 65);
        QCOMPARE(keys.authSecret.size(), 16);
        const auto loaded =
            ReceiverKeys::load(toBase64Url(keys.privateKey), toBase64Url(keys.authSecret));
        QVERIFY(loaded.has_value());
        QCOMPARE(loaded->publicKey, keys.publicKey);
        QVERIFY(!ReceiverKeys::load(toBase64Url(keys.privateKey), "AAAA"));
        QVERIFY(!ReceiverKeys::load("AAAA", toBase64Url(keys.authSecret)));
        QVERIFY(!ReceiverKeys::load("", ""));
    }

    // The older encoding.

    void draftMessage_isRead()
    {
        const auto keys = ReceiverKeys::load(DraftScalar, DraftAuth);
        QVERIFY(keys.has_value());
        const auto plain =
            decryptLegacyMessage(*fromBase64Url(DraftBody), DraftEncryption, DraftCryptoKey, *keys);
        QVERIFY2(plain, plain ? "" : qPrintable(plain.error()));
        QCOMPARE(*plain, QByteArray("I am the walrus"));
    }

    void pythonsLegacyMessages_areRead_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("recordSize");
        QTest::addColumn<QByteArray>("plain");
        const QByteArray fox = "The quick brown fox jumps over the lazy dog";
        QTest::newRow("one record") << PythonBody << QByteArray() << fox;
        QTest::newRow("two records, padded") << PythonTwoRecords << QByteArray(";rs=32") << fox;
        QTest::newRow("full record, then an empty one")
            << PythonFullRecord << QByteArray("; rs=\"32\"")
            << QByteArray("0123456789").repeated(3);
    }
    void pythonsLegacyMessages_areRead()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, recordSize);
        QFETCH(QByteArray, plain);
        const auto keys = ReceiverKeys::load(PythonScalar, PythonAuth);
        const auto read =
            decryptLegacyMessage(*fromBase64Url(body), "salt=" + PythonSalt + recordSize,
                                 "p256ecdsa=x,dh=" + PythonDh, *keys);
        QVERIFY2(read, read ? "" : qPrintable(read.error()));
        QCOMPARE(*read, plain);
    }

    void cutLegacyMessage_isRefused_alsoBetweenRecords()
    {
        const auto keys = ReceiverKeys::load(PythonScalar, PythonAuth);
        const QByteArray body = *fromBase64Url(PythonFullRecord);
        QCOMPARE(body.size(), 48 + 18);
        for (qsizetype size = 0; size < body.size(); ++size) {
            QVERIFY(!decryptLegacyMessage(body.first(size), "rs=32;salt=" + PythonSalt,
                                          "dh=" + PythonDh, *keys));
        }
    }

    void legacyHeaders_faulty_areNamed()
    {
        const auto keys = ReceiverKeys::load(PythonScalar, PythonAuth);
        const QByteArray body = *fromBase64Url(PythonBody);
        const auto fault = [&](const QByteArray &encryption, const QByteArray &cryptoKey) {
            const auto plain = decryptLegacyMessage(body, encryption, cryptoKey, *keys);
            return plain ? QString() : plain.error();
        };
        const QByteArray salt = "salt=" + PythonSalt;
        const QByteArray dh = "dh=" + PythonDh;
        QCOMPARE(fault(salt, dh), QString());
        QCOMPARE(fault("", dh), QStringLiteral("Encryption has no salt of 16 bytes"));
        QCOMPARE(fault("salt=AAAA", dh), QStringLiteral("Encryption has no salt of 16 bytes"));
        QCOMPARE(fault(salt, ""), QStringLiteral("the sender's key is no point of P-256"));
        QCOMPARE(fault(salt, "dh=!"), QStringLiteral("Crypto-Key has no dh"));
        QCOMPARE(fault(salt + ";rs=2", dh), QStringLiteral("Encryption has no valid record size"));
        QCOMPARE(fault(salt + ";rs=x", dh), QStringLiteral("Encryption has no valid record size"));
        QCOMPARE(fault(salt + ";rs=30", dh), QStringLiteral("record 0 does not decrypt"));
    }
};

QTEST_APPLESS_MAIN(tst_Ece)
#include "tst_ece.moc"
