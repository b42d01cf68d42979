// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"

#include <QTest>

using namespace Carillon;

class tst_Base64Url : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rfc4648Vectors_areWrittenAndRead_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("text");
        // RFC 4648 §10, without the padding.
        QTest::newRow("empty") << QByteArray() << QByteArray();
        QTest::newRow("f") << QByteArray("f") << QByteArray("Zg");
        QTest::newRow("fo") << QByteArray("fo") << QByteArray("Zm8");
        QTest::newRow("foo") << QByteArray("foo") << QByteArray("Zm9v");
        QTest::newRow("foob") << QByteArray("foob") << QByteArray("Zm9vYg");
        QTest::newRow("fooba") << QByteArray("fooba") << QByteArray("Zm9vYmE");
        QTest::newRow("foobar") << QByteArray("foobar") << QByteArray("Zm9vYmFy");
        QTest::newRow("letters 62 and 63") << QByteArray("\xfb\xff\xfe") << QByteArray("-__-");
    }
    void rfc4648Vectors_areWrittenAndRead()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, text);
        QCOMPARE(toBase64Url(bytes), text);
        QVERIFY(fromBase64Url(text).has_value());
        QCOMPARE(*fromBase64Url(text), bytes);
        QCOMPARE(*fromLenientBase64(text), bytes);
    }

    void everyLength_comesBack()
    {
        QByteArray bytes;
        for (int i = 0; i < 300; ++i) {
            const QByteArray padded = toPaddedBase64Url(bytes);
            QCOMPARE(padded.size() % 4, 0);
            QCOMPARE(withoutPadding(padded).toByteArray(), toBase64Url(bytes));
            QCOMPARE(*fromBase64Url(toBase64Url(bytes)), bytes);
            QCOMPARE(*fromLenientBase64(padded), bytes);
            bytes.append(static_cast<char>(i * 37));
        }
    }

    void strict_refusesWhatEncodersDoNotWrite_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("padding of two") << QByteArray("Zg==");
        QTest::newRow("padding of one") << QByteArray("Zm8=");
        QTest::newRow("padding alone") << QByteArray("====");
        QTest::newRow("one letter over") << QByteArray("Zm9vY");
        QTest::newRow("one letter") << QByteArray("Z");
        QTest::newRow("plus") << QByteArray("+__-");
        QTest::newRow("slash") << QByteArray("-/_-");
        QTest::newRow("space") << QByteArray("Zm9 ");
        QTest::newRow("newline at the end") << QByteArray("Zm9v\n");
        QTest::newRow("NUL") << QByteArray("Zm9\0", 4);
        QTest::newRow("high bit") << QByteArray("Zm9\xe9");
        QTest::newRow("bits after one byte") << QByteArray("Zh");
        QTest::newRow("bits after two bytes") << QByteArray("Zm9");
    }
    void strict_refusesWhatEncodersDoNotWrite()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!fromBase64Url(text));
    }

    void otherCharacters_areRefusedAtEveryPlace()
    {
        const QByteArray good = toBase64Url("seven b");
        for (int c = 0; c < 256; ++c) {
            const char letter = static_cast<char>(c);
            const bool inAlphabet = isBase64UrlText(QByteArrayView(&letter, 1));
            QCOMPARE(inAlphabet,
                     QByteArrayLiteral("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                                       "uvwxyz0123456789-_")
                         .contains(letter));
            for (qsizetype i = 0; i < good.size() && !inAlphabet; ++i) {
                QByteArray bad = good;
                bad[i] = letter;
                QVERIFY2(!fromBase64Url(bad), bad.constData());
            }
        }
    }

    void lenient_takesBothAlphabetsAndPadding_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("standard letters") << QByteArray("+//+") << QByteArray("\xfb\xff\xfe");
        QTest::newRow("mixed letters") << QByteArray("-//-") << QByteArray("\xfb\xff\xfe");
        QTest::newRow("padded") << QByteArray("Zg==") << QByteArray("f");
        QTest::newRow("half padded") << QByteArray("Zg=") << QByteArray("f");
    }
    void lenient_takesBothAlphabetsAndPadding()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, bytes);
        QVERIFY(fromLenientBase64(text).has_value());
        QCOMPARE(*fromLenientBase64(text), bytes);
    }

    void lenient_refusesJunk_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("three signs of padding") << QByteArray("Zg===");
        QTest::newRow("padding inside") << QByteArray("Zg==Zg==");
        QTest::newRow("space") << QByteArray("Zm 9v");
        QTest::newRow("bits after the last byte") << QByteArray("Zh==");
        QTest::newRow("quotes") << QByteArray("\"Zm9v\"");
    }
    void lenient_refusesJunk()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!fromLenientBase64(text));
    }

    void textOverTheLimit_isRefused()
    {
        const QByteArray longest(MaxBase64Size, 'A');
        QVERIFY(fromBase64Url(longest).has_value());
        QVERIFY(!fromBase64Url(longest + "AAAA"));
        QVERIFY(!fromLenientBase64(longest + "AAAA"));
    }

    void decoding_intoABuffer_writesWhatItSays()
    {
        std::uint8_t out[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
        QCOMPARE(decodeBase64Url("Zm9vYg", out).value_or(-1), 4);
        QCOMPARE(QByteArray(reinterpret_cast<const char *>(out), 4), QByteArray("foob"));
        QVERIFY(!decodeBase64Url("Zm9vY", out));
    }

    void padding_isTakenOffOnlyWhereItBelongs()
    {
        QCOMPARE(withoutPadding("Zg==").toByteArray(), QByteArray("Zg"));
        QCOMPARE(withoutPadding("Zg=").toByteArray(), QByteArray("Zg="));
        QCOMPARE(withoutPadding("Z===").toByteArray(), QByteArray("Z="));
        QCOMPARE(withoutPadding("").toByteArray(), QByteArray());
    }
};

QTEST_APPLESS_MAIN(tst_Base64Url)
#include "tst_base64url.moc"
