// SPDX-License-Identifier: MPL-2.0
#include "core/base/ids.h"

#include <QSet>
#include <QTest>

using namespace Carillon;

namespace {

const QByteArray Hex = "0123456789abcdeffedcba9876543210";
const QByteArray Dashed = "01234567-89ab-cdef-fedc-ba9876543210";

} // namespace

class tst_Ids : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void newUaids_areRandomUuidsOfVersion4()
    {
        QSet<Uaid> seen;
        for (int i = 0; i < 1000; ++i) {
            const Uaid uaid = newUaid();
            QCOMPARE(uaid.bytes()[6] >> 4, 4);
            QCOMPARE(uaid.bytes()[8] >> 6, 2);
            seen.insert(uaid);
        }
        QCOMPARE(seen.size(), 1000);
    }

    void ids_areWrittenInLowerCase()
    {
        const Uaid uaid = *parseUaid(Hex.toUpper());
        QCOMPARE(toHex(uaid), Hex);
        QCOMPARE(toDashed(uaid), Dashed);
        QCOMPARE(shortened(uaid), QByteArray("01234567"));
        const ChannelId channel = *parseChannelId(Dashed);
        QCOMPARE(toHex(channel), Hex);
        QCOMPARE(toDashed(channel), Dashed);
    }

    void bytes_areInTheOrderOfTheText()
    {
        const Uaid uaid = *parseUaid(Hex);
        QCOMPARE(uaid.raw().toByteArray(), QByteArray::fromHex(Hex));
        QVERIFY(Uaid::fromRaw(QByteArray::fromHex(Hex)) == uaid);
        QVERIFY(Uaid(uaid.bytes()) == uaid);
    }

    void nil_isWhatAnEmptyIdIs()
    {
        QVERIFY(Uaid().isNil());
        QVERIFY(parseUaid(QByteArray(32, '0'))->isNil());
        QVERIFY(!parseUaid(Hex)->isNil());
    }

    void spellings_areReadOrRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("any");
        QTest::addColumn<bool>("strict");
        QTest::newRow("dashed") << Dashed << true << true;
        QTest::newRow("hex") << Hex << true << false;
        QTest::newRow("dashed, upper case") << Dashed.toUpper() << true << false;
        QTest::newRow("hex, upper case") << Hex.toUpper() << true << false;
        QTest::newRow("one upper-case letter")
            << QByteArray(Dashed).replace("a98", "A98") << true << false;
        QTest::newRow("empty") << QByteArray() << false << false;
        QTest::newRow("one short") << Hex.chopped(1) << false << false;
        QTest::newRow("one long") << Hex + '0' << false << false;
        QTest::newRow("dashed, one short") << Dashed.chopped(1) << false << false;
        QTest::newRow("dashed, one long") << Dashed + '0' << false << false;
        QTest::newRow("no hex digit") << QByteArray(Hex).replace('0', 'g') << false << false;
        QTest::newRow("dash moved")
            << QByteArray("0123456-789ab-cdef-fedc-ba9876543210") << false << false;
        QTest::newRow("no dashes where they belong")
            << QByteArray(Dashed).replace('-', '0') << false << false;
        QTest::newRow("dashes in hex")
            << QByteArray("0123456789abcdef-edcba98765432-0") << false << false;
        QTest::newRow("braces") << '{' + Dashed.mid(1, 34) + '}' << false << false;
        QTest::newRow("NUL") << Hex.chopped(1) + '\0' << false << false;
    }
    void spellings_areReadOrRefused()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, any);
        QFETCH(bool, strict);
        QCOMPARE(parseUaid(text).has_value(), any);
        QCOMPARE(parseChannelId(text).has_value(), any);
        QCOMPARE(parseDashedChannelId(text).has_value(), strict);
        if (any)
            QCOMPARE(toDashed(*parseChannelId(text)), Dashed);
    }

    void order_isThatOfTheBytes()
    {
        QVERIFY(*parseUaid("00000000000000000000000000000001")
                < *parseUaid("01000000000000000000000000000000"));
        QVERIFY(*parseUaid("7f000000000000000000000000000000")
                < *parseUaid("80000000000000000000000000000000"));
    }

    void textIds_compareByText()
    {
        QVERIFY(MessageId("a") == MessageId("a"));
        QVERIFY(!(MessageId("a") == MessageId("b")));
        QVERIFY(NodeId().isEmpty());
        QVERIFY(!NodeId("http://127.0.0.1:8081").isEmpty());
        QCOMPARE(qHash(MessageId("a"), 1), qHash(MessageId("a"), 1));
    }
};

QTEST_APPLESS_MAIN(tst_Ids)
#include "tst_ids.moc"
