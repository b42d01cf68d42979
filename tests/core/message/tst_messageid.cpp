// SPDX-License-Identifier: MPL-2.0
#include "core/message/messageid.h"

#include <QSet>
#include <QTest>

using namespace Carillon;

namespace {

// From tests/core/crypto/vectors.py: made with Python's cryptography.
const QByteArray FirstKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const QByteArray SecondKey = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1-f4CBgoM=";
/// By the rule of messageid.h, worked out independently there.
const QByteArray PythonPlainId =
    "gAAAAABlU_EAWm5xE7jkhAcbK9OikBZrRWFQ1MezGOtgg64KMZGFH0kH1zkXg3sdtG6fRkBeVMO-QhxT9hWqAdyuUUMk1"
    "-8Dx6hkqzaYPUsln7GtLeVeMzk8o28kWbuHQHdJtuSdc2lWw1w4yJgCuev1z2NKIOIMNrBVdVUEdAEo52z9iY9_K8PjFqn"
    "Jde36wQhkddtRyuW9";
const QByteArray PythonTopicId =
    "gAAAAABlU_EAxsiqRF4idyYah_YTQYzb_jt48ck04f16Gq4ly_NeVwckZehnNZYDuJldevQ4Nel5adcys0xeJLmtdAEuP"
    "bw1dUwPJvZRWJUNOQML-NKtPvXjMA58k_CCdzf46-9S20yV9F3KS1esBTC0ggJOgGfq4fPmZhmZJRw1pCNB7ZJNXOQ=";
/// In autopush's manner: another IV, a sort key in milliseconds; the second with dashed ids.
const QByteArray ForeignPlainId =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD6lSfmniwgOAPLZXT6m-Z-339um42yn8MmrAmOqBeQl1E1nFE_sT1mfyY9M5n"
    "DRFGEx-8uVloSeAcVH53reJzrHZm91UzGGcWMy49T6QmxElIDHEVJ6nOtaLbFIrNofbIGh2LlouAKVAp2VNpjg_YM2BU2A"
    "lo5vhjalxn_iCdPAg";
const QByteArray ForeignTopicId =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD54JCQ3it_D47DHr91TiULFBIne8VdOZVIahDVw4ILENclaeEboFN-WAdetPM"
    "DAIyqf20c1k-jv6D3wHwXNRxUCpRnPFXH6zmPXZMpRcDRPS_g_7k9VTeIpapfHKnWbPm3iXUqXmSm1RypCSbKKeYqG2etQ"
    "QHRjHkJ4yt1CH4h5k";

const Uaid User = *parseUaid("0123456789abcdef0123456789abcdef");
const ChannelId Channel = *parseChannelId("fedcba98765432100123456789abcdef");
constexpr SortKey Key { 1'700'000'000'123'456 };
constexpr SortKey LaterKey { 1'700'000'000'123'458 };

MessageIds idsOf(const QList<QByteArray> &keys)
{
    return MessageIds(Fernet::fromKeys(keys).value());
}

} // namespace

class tst_MessageId : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void id_isWhatTheRuleSays()
    {
        const MessageIds ids = idsOf({ FirstKey });
        QCOMPARE(ids.make(User, Channel, "", Key).text(), PythonPlainId);
        QCOMPARE(ids.make(User, Channel, "news", Key).text(), PythonTopicId);
    }

    void plainId_isReadBack()
    {
        const MessageIds ids = idsOf({ FirstKey });
        const auto name = ids.read(PythonPlainId);
        QVERIFY(name.has_value());
        QCOMPARE(name->uaid.raw().toByteArray(), User.raw().toByteArray());
        QCOMPARE(name->channelId.raw().toByteArray(), Channel.raw().toByteArray());
        QVERIFY(name->topic.isEmpty());
        QVERIFY(name->sortKey == Key);
        QVERIFY(ids.names(*name, Key));
    }

    void topicId_isReadBack()
    {
        const MessageIds ids = idsOf({ FirstKey });
        const auto name = ids.read(PythonTopicId);
        QVERIFY(name.has_value());
        QVERIFY(name->uaid == User);
        QVERIFY(name->channelId == Channel);
        QCOMPARE(name->topic, QByteArray("news"));
        QVERIFY(!name->sortKey);
        QVERIFY(ids.names(*name, Key));
    }

    void id_isTheSame_fromEveryProcess()
    {
        const MessageIds here = idsOf({ FirstKey });
        const MessageIds there = idsOf({ FirstKey, SecondKey });
        const MessageIds copy = here;
        QVERIFY(here.make(User, Channel, "t", Key) == there.make(User, Channel, "t", Key));
        QVERIFY(here.make(User, Channel, "", Key) == copy.make(User, Channel, "", Key));
    }

    void idsOfDifferentMessages_differ()
    {
        const MessageIds ids = idsOf({ FirstKey });
        const Uaid otherUser = *parseUaid("0123456789abcdef0123456789abcdee");
        const ChannelId otherChannel = *parseChannelId("fedcba98765432100123456789abcdee");
        const QSet<MessageId> distinct {
            ids.make(User, Channel, "", Key),       ids.make(otherUser, Channel, "", Key),
            ids.make(User, otherChannel, "", Key),  ids.make(User, Channel, "", LaterKey),
            ids.make(User, Channel, "a", Key),      ids.make(User, Channel, "b", Key),
            ids.make(User, Channel, "a", LaterKey), ids.make(otherUser, Channel, "a", Key),
            ids.make(User, otherChannel, "a", Key),
        };
        QCOMPARE(distinct.size(), 9);
    }

    void replacedTopicMessage_isNotNamedByItsSuccessorsKey()
    {
        const MessageIds ids = idsOf({ FirstKey });
        const auto old = ids.read(ids.make(User, Channel, "news", Key).text());
        const auto successor = ids.read(ids.make(User, Channel, "news", LaterKey).text());
        QVERIFY(ids.names(*old, Key));
        QVERIFY(!ids.names(*old, LaterKey));
        QVERIFY(ids.names(*successor, LaterKey));
        QVERIFY(!ids.names(*successor, Key));
    }

    void plainId_namesItsOwnKeyOnly()
    {
        const MessageIds ids = idsOf({ FirstKey });
        const auto name = ids.read(ids.make(User, Channel, "", Key).text());
        QVERIFY(!ids.names(*name, LaterKey));
        QVERIFY(!ids.names(*name, SortKey { toInt(Key) + 1 }));
    }

    void idOfAnOlderKey_isNamedAfterRotation()
    {
        const MessageIds before = idsOf({ SecondKey });
        const MessageIds after = idsOf({ FirstKey, SecondKey });
        for (const QByteArray &topic : { QByteArray(), QByteArray("news") }) {
            const auto name = after.read(before.make(User, Channel, topic, Key).text());
            QVERIFY(name.has_value());
            QCOMPARE(name->keyIndex, size_t(1));
            QVERIFY(after.names(*name, Key));
            QVERIFY(!after.names(*name, LaterKey));
        }
    }

    void idOfANamedKey_isTheSame_whereverTheKeyStands()
    {
        const MessageIds before = idsOf({ FirstKey });
        const MessageIds after = idsOf({ SecondKey, FirstKey });
        const KeyMark mark = before.firstKey();
        QVERIFY(mark != KeyMark {});
        QVERIFY(mark != after.firstKey());
        for (const QByteArray &topic : { QByteArray(), QByteArray("news") }) {
            const MessageId id = before.make(User, Channel, topic, Key);
            QVERIFY(before.make(User, Channel, topic, Key, mark) == id);
            QVERIFY(after.make(User, Channel, topic, Key, mark) == id);
            QVERIFY(after.make(User, Channel, topic, Key) != id);
            QVERIFY(after.names(*after.read(id.text()), Key));
        }
    }

    void idOfAKeyThatIsGone_isMadeWithTheFirst()
    {
        const MessageIds before = idsOf({ FirstKey });
        const MessageIds after = idsOf({ SecondKey });
        QVERIFY(after.make(User, Channel, "", Key, before.firstKey())
                == after.make(User, Channel, "", Key));
    }

    void autopushsIds_areRead_butNameNothing()
    {
        const MessageIds ids = idsOf({ FirstKey });
        const auto plain = ids.read(ForeignPlainId);
        QVERIFY(plain.has_value());
        QVERIFY(plain->uaid == User);
        QVERIFY(plain->sortKey == SortKey { 1'700'000'000'123 });
        QVERIFY(!ids.names(*plain, *plain->sortKey));

        const auto topic = ids.read(ForeignTopicId);
        QVERIFY(topic.has_value());
        QVERIFY(topic->uaid == User);
        QVERIFY(topic->channelId == Channel);
        QCOMPARE(topic->topic, QByteArray("news"));
        QVERIFY(!ids.names(*topic, Key));
    }

    void alteredParts_nameNothing()
    {
        // The right text under another time or IV is another id.
        const Fernet fernet = Fernet::fromKeys({ FirstKey }).value();
        const MessageIds ids(fernet);
        const auto good = fernet.open(PythonPlainId);
        const auto sameIv = ids.read(fernet.encryptWith(good->plain, good->seconds + 1, good->iv));
        QVERIFY(!ids.names(*sameIv, Key));
        auto iv = good->iv;
        iv[15] ^= 1;
        const auto sameTime = ids.read(fernet.encryptWith(good->plain, good->seconds, iv));
        QVERIFY(!ids.names(*sameTime, Key));
        // And another text under the right time and IV.
        const QByteArray laterText =
            QByteArray(good->plain).replace(":1700000000123456", ":1700000000123458");
        const auto sameSeal = ids.read(fernet.encryptWith(laterText, good->seconds, good->iv));
        QVERIFY(sameSeal->sortKey == LaterKey);
        QVERIFY(!ids.names(*sameSeal, Key));
        QVERIFY(!ids.names(*sameSeal, LaterKey));
    }

    void padding_isKept_andMayBeTrimmedByOthers()
    {
        const MessageIds ids = idsOf({ FirstKey });
        QVERIFY(PythonTopicId.endsWith('='));
        QVERIFY(ids.read(PythonTopicId.chopped(1)).has_value());
    }

    void longestTopic_isReadBack()
    {
        const MessageIds ids = idsOf({ FirstKey });
        const QByteArray topic(32, 'T');
        const MessageId id = ids.make(User, Channel, topic, Key);
        QCOMPARE(ids.read(id.text())->topic, topic);
    }

    void textsThatAreNoIds_areRefused_data()
    {
        QTest::addColumn<QByteArray>("plain");
        const QByteArray user(32, 'a');
        const QByteArray both = user + ':' + user;
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("form alone") << QByteArray("02");
        QTest::newRow("unknown form") << "03:" + both + ":1";
        QTest::newRow("no sort key") << "02:" + both;
        QTest::newRow("empty sort key") << "02:" + both + ':';
        QTest::newRow("sort key of letters") << "02:" + both + ":1a";
        QTest::newRow("sort key with sign") << "02:" + both + ":-1";
        QTest::newRow("sort key with space") << "02:" + both + ": 1";
        QTest::newRow("sort key too large") << "02:" + both + ":9223372036854775808";
        QTest::newRow("one part more") << "02:" + both + ":1:2";
        QTest::newRow("empty topic") << "01:" + both + ':';
        QTest::newRow("topic too long") << "01:" + both + ':' + QByteArray(33, 't');
        QTest::newRow("uaid too short") << "02:" + user.chopped(1) + ':' + user + ":1";
        QTest::newRow("uaid not hex") << "02:" + QByteArray(32, 'g') + ':' + user + ":1";
        QTest::newRow("chid too long") << "02:" + user + ':' + user + "a:1";
        QTest::newRow("endpoint token") << QByteArray(32, '\x01');
    }
    void textsThatAreNoIds_areRefused()
    {
        QFETCH(QByteArray, plain);
        const Fernet fernet = Fernet::fromKeys({ FirstKey }).value();
        QVERIFY(!MessageIds(fernet).read(fernet.encrypt(plain, WallTime())));
    }

    void largestSortKey_isRead()
    {
        const Fernet fernet = Fernet::fromKeys({ FirstKey }).value();
        const QByteArray user(32, 'a');
        const auto name = MessageIds(fernet).read(
            fernet.encrypt("02:" + user + ':' + user + ":9223372036854775807", WallTime()));
        QVERIFY(name.has_value());
        QCOMPARE(toInt(*name->sortKey), std::numeric_limits<std::int64_t>::max());
    }

    void foreignOrAlteredIds_areRefused()
    {
        QVERIFY(!idsOf({ SecondKey }).read(PythonPlainId));
        QVERIFY(!idsOf({ FirstKey }).read(""));
        QVERIFY(!idsOf({ FirstKey }).read("abc"));
        for (qsizetype i = 0; i < PythonPlainId.size(); ++i) {
            QByteArray altered = PythonPlainId;
            altered[i] = altered[i] == 'A' ? 'B' : 'A';
            QVERIFY(!idsOf({ FirstKey }).read(altered));
        }
    }
};

QTEST_APPLESS_MAIN(tst_MessageId)
#include "tst_messageid.moc"
