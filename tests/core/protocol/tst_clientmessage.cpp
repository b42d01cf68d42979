// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/clientmessage.h"

#include <QTest>

using namespace Carillon;

Q_DECLARE_METATYPE(Carillon::ClientMessage)

namespace {

constexpr char Dashed[] = "01234567-89ab-cdef-0123-456789abcdef";

ChannelId channel()
{
    return *parseChannelId(Dashed);
}

QByteArray nested(char open, char close, int depth)
{
    return QByteArray(depth, open) + QByteArray(depth, close);
}

} // namespace

class ClientMessageTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void wellFormedMessage_isRead_data();
    void wellFormedMessage_isRead();
    void malformedMessage_isInvalid_data();
    void malformedMessage_isInvalid();
    void reader_afterBadMessage_readsTheNext();
    void reader_messageOfEverySize_isReadWhole();
    void reader_messageOverItsLimit_isInvalid();
    void ack_isReadFast();
};

void ClientMessageTest::wellFormedMessage_isRead_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<ClientMessage>("expected");
    const auto row = [](const char *name, const QByteArray &json, const ClientMessage &expected) {
        QTest::newRow(name) << json << expected;
    };
    const QByteArray id = Dashed;

    row("hello, nothing else", R"({"messageType":"hello"})", Hello {});
    row("hello, uaid as sent", R"({"messageType":"hello","uaid":"Not-A-Uuid"})",
        Hello { "Not-A-Uuid", {}, {} });
    row("hello, empty uaid", R"({"messageType":"hello","uaid":""})", Hello {});
    row("hello, nulls",
        R"({"messageType":"hello","uaid":null,"broadcasts":null,"use_webpush":null,"urgency":null})",
        Hello {});
    row("hello, as Firefox says it",
        R"({"messageType":"hello","broadcasts":{"remote-settings/monitor_changes":"\"17\""},"use_webpush":true,"uaid":"ab"})",
        Hello { "ab", { { "remote-settings/monitor_changes", "\"17\"" } }, {} });
    row("hello, use_webpush false, channelIDs",
        R"({"messageType":"hello","use_webpush":false,"channelIDs":[1]})", Hello {});
    row("hello, very-low", R"({"messageType":"hello","urgency":"very-low"})",
        Hello { {}, {}, Urgency::VeryLow });
    row("hello, low", R"({"messageType":"hello","urgency":"low"})", Hello { {}, {}, Urgency::Low });
    row("hello, normal", R"({"messageType":"hello","urgency":"normal"})",
        Hello { {}, {}, Urgency::Normal });
    row("hello, high", R"({"messageType":"hello","urgency":"high"})",
        Hello { {}, {}, Urgency::High });
    row("hello, broadcast twice", R"({"messageType":"hello","broadcasts":{"a":"1","a":"2"}})",
        Hello { {}, { { "a", "1" }, { "a", "2" } }, {} });
    row("hello, escapes", R"({"messageType":"hello","uaid":"\u0061\n\ud83d\ude00\u0000\\"})",
        Hello { QByteArray("a\n\xF0\x9F\x98\x80\0\\", 8), {}, {} });
    row("name escaped", R"({"message\u0054ype":"h\u0065llo"})", Hello {});
    row("spaces around", " \r\n\t{ \"messageType\" : \"hello\" } \n", Hello {});
    row("unknown members of any type",
        R"({"x":[{"y":null}],"messageType":"hello","z":1e300,"":{"messageType":"ping"}})",
        Hello {});

    row("register", R"({"messageType":"register","channelID":")" + id + R"("})",
        Register { channel(), {} });
    row("register, key as sent",
        R"({"messageType":"register","channelID":")" + id + R"(","key":"B=+/ "})",
        Register { channel(), "B=+/ " });
    row("register, empty key", R"({"messageType":"register","channelID":")" + id + R"(","key":""})",
        Register { channel(), "" });
    row("register, null key",
        R"({"messageType":"register","channelID":")" + id + R"(","key":null})",
        Register { channel(), {} });

    row("unregister", R"({"messageType":"unregister","channelID":")" + id + R"("})",
        Unregister { channel(), 0 });
    row("unregister, upper case",
        R"({"messageType":"unregister","channelID":")" + id.toUpper() + R"(","code":201})",
        Unregister { channel(), 201 });
    row("unregister, no dashes",
        R"({"messageType":"unregister","channelID":")" + toHex(channel()) + R"(","code":null})",
        Unregister { channel(), 0 });

    row("ack, nothing", R"({"messageType":"ack","updates":[]})", Ack {});
    row("ack, two",
        R"({"messageType":"ack","updates":[{"channelID":")" + id
            + R"(","version":"gAAA=","code":100},{"channelID":")" + toHex(channel()).toUpper()
            + R"(","version":"","x":{},"code":null}]})",
        Ack { { { channel(), "gAAA=", 100 }, { channel(), "", 0 } } });
    row("ack, no code",
        R"({"messageType":"ack","updates":[{"version":"v","channelID":")" + id + R"("}]})",
        Ack { { { channel(), "v", 0 } } });
    row("ack, odd code",
        R"({"messageType":"ack","updates":[{"version":"v","code":-7,"channelID":")" + id
            + R"("}]})",
        Ack { { { channel(), "v", -7 } } });

    row("nack", R"({"messageType":"nack","version":"v","code":301})", Nack { "v", 301 });
    row("nack, no code", R"({"messageType":"nack","version":"v"})", Nack { "v", 0 });
    row("nack, other code", R"({"messageType":"nack","version":"v","code":2147483647})",
        Nack { "v", 2147483647 });
    row("ping", R"({"messageType":"ping"})", Ping {});
    row("ping, empty object", "{}", Ping {});
    row("ping, empty object with spaces", " { } ", Ping {});
    row("broadcast_subscribe",
        R"({"messageType":"broadcast_subscribe","broadcasts":{"a/b":"1","c":""}})",
        BroadcastSubscribe { { { "a/b", "1" }, { "c", "" } } });
    row("broadcast_subscribe, none", R"({"messageType":"broadcast_subscribe","broadcasts":{}})",
        BroadcastSubscribe {});
}

void ClientMessageTest::wellFormedMessage_isRead()
{
    QFETCH(const QByteArray, json);
    QFETCH(const ClientMessage, expected);
    ClientMessageReader reader;
    const auto message = reader.read(json);
    QVERIFY(message);
    QVERIFY(*message == expected);
}

void ClientMessageTest::malformedMessage_isInvalid_data()
{
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char *name, const QByteArray &json) { QTest::newRow(name) << json; };
    const QByteArray id = Dashed;

    row("nothing", {});
    row("empty", "");
    row("spaces", "  ");
    row("one NUL", QByteArray(1, '\0'));
    row("no JSON", "hello");
    row("array", "[]");
    row("array of a message", R"([{"messageType":"ping"}])");
    row("string", R"("hello")");
    row("number", "1");
    row("null", "null");
    row("cut", R"({"messageType":"ping")");
    row("cut in a string", R"({"messageType":"pi)");
    row("comma at the end", R"({"messageType":"ping",})");
    row("single quotes", "{'messageType':'ping'}");
    row("comment", R"({"messageType":"ping"/**/})");
    row("garbage after", R"({"messageType":"ping"}x)");
    row("two objects", "{}{}");
    row("NUL after", QByteArray("{}\0", 3));
    row("NUL in a string", QByteArray("{\"messageType\":\"ping\0\"}", 23));
    row("control character in a string", "{\"messageType\":\"ping\",\"x\":\"\n\"}");
    row("byte order mark", "\xEF\xBB\xBF{}");
    row("UTF-16", QByteArray("{\0}\0", 4));
    row("not UTF-8", "{\"messageType\":\"hello\",\"uaid\":\"\xFF\"}");
    row("overlong UTF-8", "{\"messageType\":\"hello\",\"uaid\":\"\xC0\xAF\"}");
    row("surrogate in UTF-8", "{\"messageType\":\"hello\",\"uaid\":\"\xED\xA0\x80\"}");
    row("lone high surrogate", R"({"messageType":"hello","uaid":"\ud800"})");
    row("lone low surrogate", R"({"messageType":"hello","uaid":"\udc00"})");
    row("surrogates the wrong way round", R"({"messageType":"hello","uaid":"\udc00\ud800"})");
    row("lone surrogate in an unknown member", R"({"messageType":"ping","x":"\udfff"})");
    row("lone surrogate in a broadcast id",
        R"({"messageType":"hello","broadcasts":{"\udfff":"1"}})");
    row("wrong escape", R"({"messageType":"hello","uaid":"\x41"})");
    row("number past every double", R"({"messageType":"ping","x":1e400})");
    row("number with a zero before", R"({"messageType":"ping","x":01})");
    row("bad literal in an unknown member", R"({"messageType":"ping","x":truu})");
    row("arrays 1,000 deep", nested('[', ']', 1000));
    row("arrays 1,000 deep in an unknown member",
        R"({"messageType":"ping","x":)" + nested('[', ']', 1000) + "}");
    row("objects 1,000 deep",
        QByteArray(R"({"a":)").repeated(1000) + "{}" + QByteArray("}").repeated(1000));
    row("brackets that never close", QByteArray(60'000, '['));

    row("no messageType", R"({"uaid":""})");
    row("messageType null", R"({"messageType":null})");
    row("messageType a number", R"({"messageType":1})");
    row("messageType empty", R"({"messageType":""})");
    row("messageType unknown", R"({"messageType":"goodbye"})");
    row("messageType in another case", R"({"messageType":"Hello"})");
    row("messageType of the server", R"({"messageType":"notification"})");
    row("messageType twice", R"({"messageType":"ping","messageType":"ping"})");
    row("messageType twice, once escaped", R"({"messageType":"ping","message\u0054ype":"hello"})");
    row("uaid twice", R"({"messageType":"hello","uaid":"a","uaid":"b"})");
    row("uaid twice, once null", R"({"messageType":"hello","uaid":null,"uaid":"b"})");

    row("hello, uaid a number", R"({"messageType":"hello","uaid":1})");
    row("hello, uaid an object", R"({"messageType":"hello","uaid":{}})");
    row("hello, use_webpush a string", R"({"messageType":"hello","use_webpush":"true"})");
    row("hello, use_webpush a number", R"({"messageType":"hello","use_webpush":1})");
    row("hello, broadcasts an array", R"({"messageType":"hello","broadcasts":["a"]})");
    row("hello, broadcasts a string", R"({"messageType":"hello","broadcasts":"a"})");
    row("hello, broadcast version a number", R"({"messageType":"hello","broadcasts":{"a":1}})");
    row("hello, broadcast version null", R"({"messageType":"hello","broadcasts":{"a":null}})");
    row("hello, urgency unknown", R"({"messageType":"hello","urgency":"urgent"})");
    row("hello, urgency a number", R"({"messageType":"hello","urgency":1})");

    row("register, no channelID", R"({"messageType":"register"})");
    row("register, channelID null", R"({"messageType":"register","channelID":null})");
    row("register, channelID a number", R"({"messageType":"register","channelID":1})");
    row("register, channelID empty", R"({"messageType":"register","channelID":""})");
    row("register, channelID no UUID", R"({"messageType":"register","channelID":"abc"})");
    row("register, channelID in upper case",
        R"({"messageType":"register","channelID":")" + id.toUpper() + R"("})");
    row("register, channelID without dashes",
        R"({"messageType":"register","channelID":")" + toHex(channel()) + R"("})");
    row("register, channelID in braces",
        R"({"messageType":"register","channelID":"{)" + id + R"(}"})");
    row("register, key a number",
        R"({"messageType":"register","channelID":")" + id + R"(","key":1})");
    row("register, key an array",
        R"({"messageType":"register","channelID":")" + id + R"(","key":[]})");

    row("unregister, no channelID", R"({"messageType":"unregister","code":200})");
    row("unregister, channelID no UUID", R"({"messageType":"unregister","channelID":"x"})");
    row("unregister, code a string",
        R"({"messageType":"unregister","channelID":")" + id + R"(","code":"200"})");
    row("unregister, code a fraction",
        R"({"messageType":"unregister","channelID":")" + id + R"(","code":200.5})");

    const auto ack = [](const QByteArray &update) {
        return R"({"messageType":"ack","updates":[)" + update + "]}";
    };
    row("ack, no updates", R"({"messageType":"ack"})");
    row("ack, updates null", R"({"messageType":"ack","updates":null})");
    row("ack, updates an object", R"({"messageType":"ack","updates":{}})");
    row("ack, updates a string", R"({"messageType":"ack","updates":"all"})");
    row("ack, update a string", ack(R"("v")"));
    row("ack, update null", ack("null"));
    row("ack, update without channelID", ack(R"({"version":"v","code":100})"));
    row("ack, update without version", ack(R"({"channelID":")" + id + R"("})"));
    row("ack, version null", ack(R"({"version":null,"channelID":")" + id + R"("})"));
    row("ack, version a number", ack(R"({"version":1,"channelID":")" + id + R"("})"));
    row("ack, version twice", ack(R"({"version":"v","version":"v","channelID":")" + id + R"("})"));
    row("ack, channelID no UUID", ack(R"({"version":"v","channelID":"x"})"));
    row("ack, code a string", ack(R"({"version":"v","channelID":")" + id + R"(","code":"100"})"));
    row("ack, code true", ack(R"({"version":"v","channelID":")" + id + R"(","code":true})"));
    row("ack, code too large",
        ack(R"({"version":"v","channelID":")" + id + R"(","code":2147483648})"));
    row("ack, code past 64 bits",
        ack(R"({"version":"v","channelID":")" + id + R"(","code":99999999999999999999})"));
    row("ack, second update bad",
        ack(R"({"version":"v","channelID":")" + id + R"("},{"version":"w"})"));

    row("nack, no version", R"({"messageType":"nack","code":301})");
    row("nack, version a number", R"({"messageType":"nack","version":1})");
    row("nack, code a string", R"({"messageType":"nack","version":"v","code":"301"})");
    row("broadcast_subscribe, no broadcasts", R"({"messageType":"broadcast_subscribe"})");
    row("broadcast_subscribe, broadcasts null",
        R"({"messageType":"broadcast_subscribe","broadcasts":null})");
    row("broadcast_subscribe, version an object",
        R"({"messageType":"broadcast_subscribe","broadcasts":{"a":{}}})");
}

void ClientMessageTest::malformedMessage_isInvalid()
{
    QFETCH(const QByteArray, json);
    ClientMessageReader reader;
    // A null array has a pointer to "" in Qt; a view of nothing has none.
    const auto message = reader.read(json.isNull() ? QByteArrayView() : QByteArrayView(json));
    QVERIFY(!message);
    QCOMPARE(message.error(), ErrorCode::InvalidMessage);
}

void ClientMessageTest::reader_afterBadMessage_readsTheNext()
{
    ClientMessageReader reader;
    for (const char *bad : { "{", "[[[[[[[[[[[[[[[[[[[[", "\xFF", "{\"messageType\":" }) {
        QVERIFY(!reader.read(bad));
        const auto good = reader.read(R"({"messageType":"nack","version":"v","code":302})");
        QVERIFY(good);
        QVERIFY(*good == ClientMessage(Nack { "v", 302 }));
    }
}

void ClientMessageTest::reader_messageOfEverySize_isReadWhole()
{
    // The parser reads in blocks: nothing of an earlier, longer message may show through.
    ClientMessageReader reader;
    for (int size = 300; size >= 0; --size) {
        const QByteArray uaid(size, 'x');
        const auto message = reader.read(R"({"messageType":"hello","uaid":")" + uaid + R"("})");
        QVERIFY(message);
        QVERIFY(*message == ClientMessage(Hello { uaid, {}, {} }));
    }
    const QByteArray longText(64 * 1024, 'y');
    const auto message = reader.read(R"({"messageType":"nack","version":")" + longText + R"("})");
    QVERIFY(message);
    QVERIFY(*message == ClientMessage(Nack { longText, 0 }));
}

void ClientMessageTest::reader_messageOverItsLimit_isInvalid()
{
    ClientMessageReader reader;
    const QByteArray padding(ClientMessageReader::MaxBytes, ' ');
    QVERIFY(!reader.read(padding + "{}"));
    QVERIFY(reader.read("{}"));
}

void ClientMessageTest::ack_isReadFast()
{
    const QByteArray json = R"({"messageType":"ack","updates":[{"channelID":")" + QByteArray(Dashed)
        + R"(","version":")" + QByteArray(204, 'g') + R"(","code":100}]})";
    ClientMessageReader reader;
    QBENCHMARK
    {
        const auto message = reader.read(json);
        QVERIFY(message);
    }
}

QTEST_APPLESS_MAIN(ClientMessageTest)
#include "tst_clientmessage.moc"
