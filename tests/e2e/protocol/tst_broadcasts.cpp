// SPDX-License-Identifier: MPL-2.0
#include "tests/support/megaphone.h"
#include "tests/support/protocoltest.h"

#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

Megaphone &megaphone()
{
    static Megaphone only; // before the server, which asks it at start
    return only;
}

QJsonObject object(const char *name, const QString &value)
{
    return { { QLatin1StringView(name), value } };
}

QJsonObject subscribing(const QJsonObject &broadcasts)
{
    return { { u"messageType"_s, u"broadcast_subscribe"_s }, { u"broadcasts"_s, broadcasts } };
}

} // namespace

// protocol.md §2.8: broadcasts, told at hello, at broadcast_subscribe and at the ping tick.
class BroadcastsTest : public ProtocolTest
{
    Q_OBJECT
public:
    BroadcastsTest()
        : ProtocolTest({ { "connect.megaphone_api_url", megaphone().url() },
                         { "connect.megaphone_poll_interval", "0.05" },
                         { "connect.auto_ping_interval", "0.3" },
                         { "connect.auto_ping_timeout", "60" } })
    {
    }

private Q_SLOTS:
    void init();
    void hello_tellsWhatDiffers_data();
    void hello_tellsWhatDiffers();
    void subscribe_differs_isTold();
    void subscribe_same_isNotTold();
    void subscribe_unknownId_isAnError();
    void change_isToldInsteadOfPing();
    void change_isToldOnceToEachSubscriber();
    void change_isNotToldToOthers();
    void idUnknownAtHello_isToldWhenItAppears();
    void idMissingFromPoll_staysKnown();
    void idsWithoutEnd_thoseThatAreMissingAreForgotten();
    void failedPoll_keepsWhatIsKnown_data();
    void failedPoll_keepsWhatIsKnown();
    void redirects_areFollowed();
    void failingMegaphone_isSaidWhenThatBeginsAndEnds();
    void firstPoll_isAnsweredBeforeAnybodyIsServed();
    void firstPoll_fails_andClientsAreServed();

private:
    /// Puts these versions out and waits until the server has read them.
    [[nodiscard]] bool publish(const QMap<QByteArray, QByteArray> &versions);
    [[nodiscard]] QJsonObject helloBroadcasts(const QJsonObject &known);
};

void BroadcastsTest::init()
{
    QVERIFY(publish({ { "news", "5" }, { "a/b", "\"quoted\"" } }));
}

bool BroadcastsTest::publish(const QMap<QByteArray, QByteArray> &versions)
{
    megaphone().answer(versions);
    return megaphone().waitForPolls();
}

QJsonObject BroadcastsTest::helloBroadcasts(const QJsonObject &known)
{
    PushClient client(server());
    return client.hello({}, { { u"broadcasts"_s, known } }).value(u"broadcasts"_s).toObject();
}

void BroadcastsTest::hello_tellsWhatDiffers_data()
{
    QTest::addColumn<QJsonObject>("known");
    QTest::addColumn<QJsonObject>("told");
    QTest::newRow("older version") << object("news", u"4"_s) << object("news", u"5"_s);
    QTest::newRow("newer version") << object("news", u"6"_s) << object("news", u"5"_s);
    QTest::newRow("no version") << object("news", {}) << object("news", u"5"_s);
    QTest::newRow("same version") << object("news", u"5"_s) << QJsonObject();
    QTest::newRow("text that needs escaping")
        << object("a/b", u"x"_s) << object("a/b", u"\"quoted\""_s);
    QTest::newRow("unknown id") << object("weather", u"1"_s)
                                << QJsonObject { { u"errors"_s,
                                                   object("weather", u"Broadcast not found"_s) } };
    QTest::newRow("unknown id that needs escaping")
        << object("\"\n\\", u"1"_s)
        << QJsonObject { { u"errors"_s, object("\"\n\\", u"Broadcast not found"_s) } };
}

void BroadcastsTest::hello_tellsWhatDiffers()
{
    QFETCH(const QJsonObject, known);
    QFETCH(const QJsonObject, told);
    QCOMPARE(helloBroadcasts(known), told);
}

void BroadcastsTest::subscribe_differs_isTold()
{
    PushClient client(server());
    client.hello();
    client.sendJson(subscribing(object("news", u"4"_s)));
    const QJsonObject message = client.next();
    QCOMPARE(message.value(u"messageType"_s).toString(), u"broadcast"_s);
    QCOMPARE(message.value(u"broadcasts"_s).toObject(), object("news", u"5"_s));
}

void BroadcastsTest::subscribe_same_isNotTold()
{
    PushClient client(server());
    client.hello();
    client.sendJson(subscribing(object("news", u"5"_s)));
    QVERIFY(client.waitForPing()); // the tick after it has nothing to tell either
    QVERIFY(client.barrier());
    QVERIFY(client.next(std::chrono::milliseconds(0)).isEmpty());
}

void BroadcastsTest::subscribe_unknownId_isAnError()
{
    PushClient client(server());
    client.hello();
    client.sendJson(subscribing(object("weather", u"1"_s)));
    const QJsonObject told = client.nextOf(u"broadcast"_s).value(u"broadcasts"_s).toObject();
    QCOMPARE(told, QJsonObject({ { u"errors"_s, object("weather", u"Broadcast not found"_s) } }));
}

void BroadcastsTest::change_isToldInsteadOfPing()
{
    PushClient client(server());
    client.hello({}, { { u"broadcasts"_s, object("news", u"5"_s) } });
    QVERIFY(publish({ { "news", "6" } }));
    QCOMPARE(client.nextOf(u"broadcast"_s).value(u"broadcasts"_s).toObject(),
             object("news", u"6"_s));
    QVERIFY(client.waitForPing()); // then pings go on
}

void BroadcastsTest::change_isToldOnceToEachSubscriber()
{
    PushClient first(server());
    PushClient second(server());
    first.hello({}, { { u"broadcasts"_s, object("news", u"5"_s) } });
    second.hello();
    second.sendJson(subscribing(object("news", u"5"_s)));
    QVERIFY(second.barrier());
    QVERIFY(publish({ { "news", "6" } }));
    for (PushClient *client : { &first, &second }) {
        QCOMPARE(client->nextOf(u"broadcast"_s).value(u"broadcasts"_s).toObject(),
                 object("news", u"6"_s));
        QVERIFY(client->waitForPing());
        QVERIFY(client->waitForPing());
        QVERIFY(client->next(std::chrono::milliseconds(0)).isEmpty());
    }
}

void BroadcastsTest::change_isNotToldToOthers()
{
    PushClient client(server());
    client.hello({}, { { u"broadcasts"_s, object("a/b", u"\"quoted\""_s) } });
    QVERIFY(publish({ { "news", "6" } }));
    QVERIFY(client.waitForPing());
    QVERIFY(client.waitForPing());
    QVERIFY(client.next(std::chrono::milliseconds(0)).isEmpty());
}

void BroadcastsTest::idUnknownAtHello_isToldWhenItAppears()
{
    // Of a name of its own: what the server once knew it never forgets.
    const QString late = u"late"_s;
    PushClient client(server());
    client.hello({}, { { u"broadcasts"_s, QJsonObject { { late, u"1"_s } } } });
    QVERIFY(publish({ { "late", "2" } }));
    QCOMPARE(client.nextOf(u"broadcast"_s).value(u"broadcasts"_s).toObject(),
             object("late", u"2"_s));
}

void BroadcastsTest::idMissingFromPoll_staysKnown()
{
    QVERIFY(publish({ { "another", "1" } }));
    QCOMPARE(helloBroadcasts(object("news", u"4"_s)), object("news", u"5"_s));
}

void BroadcastsTest::idsWithoutEnd_thoseThatAreMissingAreForgotten()
{
    QVERIFY(publish({ { "early", "1" } }));
    QMap<QByteArray, QByteArray> many;
    for (int i = 0; i < 1'024; ++i)
        many.insert("id" + QByteArray::number(i), "1");
    QVERIFY(publish(many));
    const QJsonObject told = helloBroadcasts({ { u"early"_s, u"0"_s }, { u"id7"_s, u"0"_s } });
    QCOMPARE(told[u"id7"_s].toString(), u"1"_s);
    QVERIFY2(told[u"errors"_s].toObject().contains(u"early"_s), "it is not forgotten");
}

void BroadcastsTest::failedPoll_keepsWhatIsKnown_data()
{
    QTest::addColumn<QByteArray>("reply");
    const auto row = [](const char *name, const QByteArray &body, const char *status = "200 OK") {
        QTest::newRow(name) << "HTTP/1.1 " + QByteArray(status)
                + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    };
    row("500", R"({"broadcasts":{"news":"6"}})", "500 Internal Server Error");
    row("404", "", "404 Not Found");
    row("empty", "");
    row("no JSON", "<html>");
    row("array", "[]");
    row("no broadcasts", R"({"code":200})");
    row("broadcasts an array", R"({"broadcasts":["news"]})");
    row("version a number", R"({"broadcasts":{"news":6}})");
    row("1,000 deep", QByteArray(1000, '[') + QByteArray(1000, ']'));
    QTest::newRow("no HTTP") << QByteArray("news: 6\r\n\r\n");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("cut") << QByteArray(
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"broadcasts\":{\"news\":\"6\"}}");
}

void BroadcastsTest::failedPoll_keepsWhatIsKnown()
{
    QFETCH(const QByteArray, reply);
    megaphone().answerRaw(reply);
    QVERIFY(megaphone().waitForPolls());
    QCOMPARE(helloBroadcasts(object("news", u"4"_s)), object("news", u"5"_s));
    QVERIFY(publish({ { "news", "7" } })); // and it goes on asking
    QCOMPARE(helloBroadcasts(object("news", u"4"_s)), object("news", u"7"_s));
}

/// Autopush's service answers /v1/broadcasts/ so.
void BroadcastsTest::redirects_areFollowed()
{
    Megaphone moved;
    moved.answer({ { "elsewhere", "1" } });
    megaphone().answerRaw("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + moved.url()
                          + "\r\nContent-Length: 0\r\n\r\n");
    QVERIFY(moved.waitForPolls());
    QCOMPARE(helloBroadcasts(object("elsewhere", u"0"_s)), object("elsewhere", u"1"_s));
}

void BroadcastsTest::failingMegaphone_isSaidWhenThatBeginsAndEnds()
{
    Megaphone lost;
    lost.answerRaw("HTTP/1.1 302 Found\r\nLocation: " + lost.url()
                   + "\r\nContent-Length: 0\r\n\r\n"); // to itself, for ever
    TestServer other({ { "connect.megaphone_api_url", lost.url() },
                       { "connect.megaphone_poll_interval", "0.05" } });
    QVERIFY(other.start());
    for (int i = 0; i < 5; ++i)
        QVERIFY(lost.waitForPolls());
    lost.answer({ { "news", "5" } });
    QTRY_VERIFY_WITH_TIMEOUT(other.log().contains("the megaphone answers again"), 20'000);
    QCOMPARE(other.log().count("the megaphone does not answer"), 1);
}

// The second poll is too late for these.
void BroadcastsTest::firstPoll_isAnsweredBeforeAnybodyIsServed()
{
    Megaphone slow;
    slow.answer({ { "news", "5" } });
    slow.delay(500ms);
    TestServer other({ { "connect.megaphone_api_url", slow.url() },
                       { "connect.megaphone_poll_interval", "3600" } });
    QVERIFY(other.start());
    PushClient client(other);
    const QJsonObject known = object("news", u"4"_s);
    QCOMPARE(client.hello({}, { { u"broadcasts"_s, known } }).value(u"broadcasts"_s).toObject(),
             object("news", u"5"_s));
}

void BroadcastsTest::firstPoll_fails_andClientsAreServed()
{
    Megaphone mute;
    mute.delay(2s); // longer than the server waits
    TestServer other({ { "connect.megaphone_api_url", mute.url() },
                       { "connect.megaphone_poll_interval", "3600" } });
    QVERIFY(other.start());
    PushClient client(other);
    QVERIFY(!client.hello().isEmpty());
    QVERIFY(other.log().contains("megaphone"));
}

QTEST_GUILESS_MAIN(BroadcastsTest)
#include "tst_broadcasts.moc"
