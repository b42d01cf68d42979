// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QTcpSocket>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

HttpHeaders from(const QByteArray &address)
{
    return { { "X-Forwarded-For", address } };
}

PushParts pushFrom(const QByteArray &address)
{
    PushParts parts;
    parts.more = from(address);
    return parts;
}

/// Says what a 429 must say; empty if it does.
QByteArray faultOf(const HttpReply &reply)
{
    if (reply.status != 429)
        return "status " + QByteArray::number(reply.status);
    if (reply.errorNumber() != 202 || reply.errorName() != "RateLimited")
        return "body " + reply.body;
    const int wait = reply.header("Retry-After").toInt();
    return wait >= 1 && wait <= 3'600 ? QByteArray() : "Retry-After " + reply.header("Retry-After");
}

/// Lets a client register; the status of the answer, 0 when none comes.
int registered(PushClient &client)
{
    client.sendJson({ { u"messageType"_s, u"register"_s },
                      { u"channelID"_s, QString::fromLatin1(randomChannel()) } });
    return client.nextOf(u"register"_s)[u"status"_s].toInt();
}

/// Connects from 127.0.0.2, says some bytes and gives the first line of what comes back.
QByteArray firstLine(quint16 port, const QByteArray &bytes)
{
    QTcpSocket socket;
    if (!socket.bind(QHostAddress(QStringLiteral("127.0.0.2"))))
        return "not bound";
    socket.connectToHost(QHostAddress(QHostAddress::LocalHost), port);
    if (!socket.waitForConnected(int(Patience.count())))
        return "not connected";
    socket.write(bytes);
    QByteArray read;
    while (!read.contains('\n') && socket.waitForReadyRead(int(Patience.count())))
        read += socket.readAll();
    return read.left(read.indexOf('\r'));
}

} // namespace

/// design.md §7: limits of rates and connections, and whom they are for. The program trusts this
/// machine as its proxy, so a test may be any address; without X-Forwarded-For it is on loopback,
/// whom no limit meets.
class LimitsTest : public ProtocolTest
{
    Q_OBJECT
public:
    LimitsTest()
        : ProtocolTest({ { "trusted_proxies", "127.0.0.1" },
                         { "rate_limits.subscription", "1/h burst 3" },
                         { "rate_limits.sender", "1/h burst 5" },
                         { "rate_limits.address", "1/h burst 20" } })
    {
    }

private Q_SLOTS:
    void pushesToOneSubscription_overItsRate_are429();
    void pushesOfOneSender_overItsRate_are429();
    void requestsOfOneAddress_overItsRate_are429();
    void upgradesOfOneAddress_overItsRate_are429();
    void connectionsOfOneAddress_overTheirNumber_are429();
    void registrationsOfOneAddress_overTheirRate_are429InTheAnswer();
    void registrationsOfOneClient_overTheirRate_are429InTheAnswer();
    void newClientsOfOneAddress_overTheirRate_are429InTheAnswer();
    void registrationsByDefault_stopAScript();
    void storedForClientsOfOneAddress_overItsShare_is429_othersGoOn();
    void forwardedFor_ofSomebodyElse_meansNothing();
    void clientsThatNobodyNames_shareTheLimitOfOneAddress();
    void proxyHeader_isTheClientsAddress();
    void connectionsInAll_overTheirNumber_wait_andPushesStillCome();
    void newLimits_holdAfterSighup();
};

void LimitsTest::pushesToOneSubscription_overItsRate_are429()
{
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    const QByteArray otherPath = client.subscribe(randomChannel());
    // Whoever they come from.
    for (const char *address : { "192.0.2.1", "192.0.2.2", "2001:db8:1::1" })
        QCOMPARE(sender().push(path, pushFrom(address)).status, 201);
    QCOMPARE(faultOf(sender().push(path, pushFrom("192.0.2.4"))), QByteArray());
    QCOMPARE(sender().push(otherPath, pushFrom("192.0.2.4")).status, 201);
    QCOMPARE(sender().push(path).status, 201); // from loopback
}

void LimitsTest::pushesOfOneSender_overItsRate_are429()
{
    PushClient client(server());
    client.hello();
    const VapidKey key;
    const VapidKey otherKey;
    const auto push = [&](const VapidKey &by) {
        PushParts parts = pushFrom("192.0.2.10");
        parts.authorization = by.authorization(server().origin());
        return sender().push(client.subscribe(randomChannel(), by.publicKey()), parts);
    };
    for (int i = 0; i < 5; ++i)
        QCOMPARE(push(key).status, 201);
    QCOMPARE(faultOf(push(key)), QByteArray());
    QCOMPARE(push(otherKey).status, 201);
    // Who cannot sign as this sender takes nothing from it.
    PushParts forged = pushFrom("192.0.2.10");
    forged.authorization = otherKey.authorization(server().origin());
    const QByteArray path = client.subscribe(randomChannel(), key.publicKey());
    QCOMPARE(sender().push(path, forged).status, 401);
}

void LimitsTest::requestsOfOneAddress_overItsRate_are429()
{
    const auto post = [this](const QByteArray &address) {
        return sender().http().request("POST", "/wpush/v1/junk", from(address));
    };
    for (int i = 0; i < 10; ++i) {
        QCOMPARE(post("2001:db8:2::1").status, 404);
        QCOMPARE(post("10.1.1.1, 2001:db8:2::ffff").status, 404); // of the same /64
    }
    QCOMPARE(faultOf(post("2001:db8:2::2")), QByteArray());
    QCOMPARE(faultOf(sender().http().request("DELETE", "/m/junk", from("2001:db8:2::3"))),
             QByteArray());
    QCOMPARE(post("2001:db8:3::1").status, 404);
    QCOMPARE(sender().http().request("GET", "/status", from("2001:db8:2::1")).status, 200);
    for (int i = 0; i < 30; ++i)
        QCOMPARE(sender().http().request("POST", "/wpush/v1/junk").status, 404);
    if (server().layout() == TestServer::Layout::All) {
        const HttpReply metrics = HttpPeer(server().routerPort()).get("/metrics");
        QVERIFY(metrics.body.contains("carillon_rate_limited_total{by=\"address\"} 2\n"));
    }
}

void LimitsTest::upgradesOfOneAddress_overItsRate_are429()
{
    for (int i = 0; i < 20; ++i) {
        PushClient client(server());
        QVERIFY(client.open(from("192.0.2.30")));
        client.hello();
        QVERIFY(!client.uaid().isEmpty());
        client.sendFrame(Opcode::Close, {});
        QVERIFY(client.waitForTcpEnd());
    }
    PushClient client(server());
    QVERIFY(!client.open(from("192.0.2.30")));
    QCOMPARE(client.upgradeReply().status, 429);
    QVERIFY(client.upgradeReply().header("Retry-After").toInt() >= 1);
    PushClient other(server());
    QVERIFY(other.open(from("192.0.2.31")));
}

void LimitsTest::connectionsOfOneAddress_overTheirNumber_are429()
{
    TestServer few(
        { { "trusted_proxies", "127.0.0.1" }, { "limits.connections_per_address", "3" } });
    if (server().usesQtTransport())
        few.set("transport", "qt");
    QVERIFY2(few.start(), few.log().constData());
    std::vector<std::unique_ptr<PushClient>> clients;
    const auto comesIn = [&](const HttpHeaders &headers) {
        auto client = std::make_unique<PushClient>(few);
        const bool isIn = client->open(headers);
        if (isIn)
            clients.push_back(std::move(client));
        return isIn;
    };
    for (int i = 0; i < 3; ++i)
        QVERIFY(comesIn(from("192.0.2.40")));
    PushClient refused(few);
    QVERIFY(!refused.open(from("192.0.2.40")));
    QCOMPARE(refused.upgradeReply().status, 429);
    QVERIFY(refused.upgradeReply().header("Retry-After").toInt() >= 1);
    QVERIFY(comesIn(from("192.0.2.41")));
    // Loopback has no end of places.
    for (int i = 0; i < 6; ++i)
        QVERIFY(comesIn({}));
    // One that leaves makes room.
    clients.front()->leave();
    bool isIn = false; // QTRY_VERIFY asks once more when it is true
    QTRY_VERIFY(isIn || (isIn = comesIn(from("192.0.2.40"))));
    QVERIFY(!comesIn(from("192.0.2.40")));
}

void LimitsTest::registrationsOfOneAddress_overTheirRate_are429InTheAnswer()
{
    TestServer few(
        { { "trusted_proxies", "127.0.0.1" }, { "rate_limits.registration", "1/h burst 3" } });
    QVERIFY2(few.start(), few.log().constData());
    PushClient client(few);
    QVERIFY(client.open(from("2001:db8:4::1")));
    client.hello();
    QCOMPARE(registered(client), 200);
    QCOMPARE(registered(client), 200);
    PushClient neighbour(few);
    QVERIFY(neighbour.open(from("2001:db8:4::2"))); // of the same /64
    neighbour.hello();
    QCOMPARE(registered(neighbour), 200);
    QCOMPARE(registered(client), 429);
    QCOMPARE(registered(neighbour), 429);
    // Both go on, and others are not met.
    QVERIFY(client.barrier());
    QVERIFY(neighbour.barrier());
    PushClient other(few);
    QVERIFY(other.open(from("2001:db8:5::1")));
    other.hello();
    QCOMPARE(registered(other), 200);
    PushClient local(few);
    local.hello();
    for (int i = 0; i < 6; ++i)
        QCOMPARE(registered(local), 200);
    QTRY_VERIFY(few.log().contains("refused a registration from 2001:db8:4::/64: "
                                   "rate_limits.registration allows no more for now"));
    QCOMPARE(few.log().count("refused a registration"), 1);
}

void LimitsTest::registrationsOfOneClient_overTheirRate_are429InTheAnswer()
{
    TestServer few({ { "trusted_proxies", "127.0.0.1" },
                     { "rate_limits.client_registration", "1/h burst 2" } });
    QVERIFY2(few.start(), few.log().constData());
    PushClient client(few);
    QVERIFY(client.open(from("192.0.2.45")));
    client.hello();
    QCOMPARE(registered(client), 200);
    QCOMPARE(registered(client), 200);
    QCOMPARE(registered(client), 429);
    // On its next connection, too; its neighbour is not met.
    PushClient again(few);
    QVERIFY(again.open(from("192.0.2.45")));
    again.hello(client.uaid());
    QCOMPARE(again.uaid(), client.uaid());
    QCOMPARE(registered(again), 429);
    PushClient neighbour(few);
    QVERIFY(neighbour.open(from("192.0.2.45")));
    neighbour.hello();
    QCOMPARE(registered(neighbour), 200);
}

void LimitsTest::newClientsOfOneAddress_overTheirRate_are429InTheAnswer()
{
    TestServer few(
        { { "trusted_proxies", "127.0.0.1" }, { "rate_limits.new_client", "1/h burst 2" } });
    QVERIFY2(few.start(), few.log().constData());
    std::vector<std::unique_ptr<PushClient>> clients;
    const auto come = [&](const QByteArray &address) {
        clients.push_back(std::make_unique<PushClient>(few));
        const bool isIn = clients.back()->open(from(address));
        return isIn && !clients.back()->hello().isEmpty() ? registered(*clients.back()) : 0;
    };
    QCOMPARE(come("192.0.2.46"), 200);
    QCOMPARE(come("192.0.2.46"), 200);
    QCOMPARE(come("192.0.2.46"), 429);
    QCOMPARE(registered(*clients[0]), 200); // known by now
    QCOMPARE(registered(*clients[2]), 429);
    QVERIFY(clients[2]->barrier());
    QCOMPARE(come("192.0.2.47"), 200);
}

/// Nobody has set anything but the proxy.
void LimitsTest::registrationsByDefault_stopAScript()
{
    TestServer ordinary({ { "trusted_proxies", "127.0.0.1" } });
    QVERIFY2(ordinary.start(), ordinary.log().constData());
    PushClient script(ordinary);
    QVERIFY(script.open(from("192.0.2.48")));
    script.hello();
    int status = 200;
    int passed = 0;
    while (passed < 1'000 && (status = registered(script)) == 200)
        ++passed;
    QCOMPARE(status, 429);
    QVERIFY(passed >= 500); // more than anybody subscribes to
}

void LimitsTest::storedForClientsOfOneAddress_overItsShare_is429_othersGoOn()
{
    TestServer few(
        { { "trusted_proxies", "127.0.0.1" }, { "storage.max_bytes_per_address", "20 KiB" } });
    QVERIFY2(few.start(), few.log().constData());
    const auto come = [&few](const QByteArray &address) {
        auto client = std::make_unique<PushClient>(few);
        if (client->open(from(address)))
            client->hello();
        return client;
    };
    const auto leave = [](PushClient &client) {
        client.sendFrame(Opcode::Close, {});
        return client.waitForTcpEnd();
    };
    const auto first = come("2001:db8:6::1");
    const auto second = come("2001:db8:6::2"); // of the same /64
    // Few addresses share a group with another.
    int number = 1;
    auto stranger = come("192.0.2.81");
    while (stranger->uaid().first(4) == first->uaid().first(4))
        stranger = come("192.0.2." + QByteArray::number(81 + number++));
    QCOMPARE(second->uaid().first(4), first->uaid().first(4));
    QVERIFY(second->uaid() != first->uaid());
    const QByteArray paths[] = { first->subscribe(randomChannel()),
                                 second->subscribe(randomChannel()) };
    const QByteArray other = stranger->subscribe(randomChannel());
    for (PushClient *const client : { first.get(), second.get(), stranger.get() })
        QVERIFY(leave(*client));
    Sender sender(few);
    HttpReply reply;
    int stored = 0;
    while (stored < 100
           && (reply = sender.pushText(paths[stored % 2], QByteArray(2'000, 'x'))).status == 201)
        ++stored;
    QVERIFY(stored >= 5 && stored <= 10);
    QCOMPARE(reply.status, 429);
    QCOMPARE(reply.errorName(), "QueueFull");
    QVERIFY(reply.header("Retry-After").toInt() >= 1);
    QCOMPARE(sender.pushText(paths[0], QByteArray(2'000, 'x')).status, 429);
    QCOMPARE(sender.push(other).status, 201);
    // What is fetched and acknowledged gives room.
    PushClient again(few);
    QVERIFY(again.open(from("192.0.2.99")));
    again.hello(first->uaid());
    QCOMPARE(again.uaid(), first->uaid());
    again.acknowledge(again.notification());
    QVERIFY(again.barrier());
    QCOMPARE(sender.pushText(paths[1], "there is room again").status, 201);
    QCOMPARE(few.log().count("storage.max_bytes_per_address"), 1);
}

void LimitsTest::forwardedFor_ofSomebodyElse_meansNothing()
{
    TestServer strict(
        { { "trusted_proxies", "127.0.0.2" }, { "rate_limits.address", "1/h burst 1" } });
    QVERIFY2(strict.start(), strict.log().constData());
    HttpPeer http(strict.endpointPort());
    for (int i = 0; i < 5; ++i)
        QCOMPARE(http.request("POST", "/wpush/v1/junk", from("192.0.2.50")).status, 404);
    const QByteArray post = "POST /wpush/v1/junk HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
                            "X-Forwarded-For: 192.0.2.50\r\n\r\n";
    QCOMPARE(firstLine(strict.endpointPort(), post), "HTTP/1.1 404 Not Found");
    QCOMPARE(firstLine(strict.endpointPort(), post), "HTTP/1.1 429 Too Many Requests");
}

void LimitsTest::clientsThatNobodyNames_shareTheLimitOfOneAddress()
{
    const auto post = [this](const QByteArray &address) {
        return sender().http().request("POST", "/wpush/v1/junk", from(address));
    };
    for (int i = 0; i < 10; ++i) {
        QCOMPARE(post("unknown").status, 404);
        QCOMPARE(post("192.0.2.50, _hidden").status, 404);
    }
    QCOMPARE(faultOf(post("_other:4711")), QByteArray());
    QCOMPARE(post("192.0.2.50").status, 404);
}

void LimitsTest::proxyHeader_isTheClientsAddress()
{
    if (server().usesQtTransport())
        QSKIP("transport qt: it does not read PROXY headers");
    TestServer proxied({ { "trusted_proxies", "127.0.0.2" },
                         { "proxy_protocol", "true" },
                         { "rate_limits.address", "1/h burst 1" } });
    QVERIFY2(proxied.start(), proxied.log().constData());
    const QByteArray post = "POST /wpush/v1/junk HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    const QByteArray v1 = "PROXY TCP4 192.0.2.60 10.0.0.1 4711 443\r\n" + post;
    const QByteArray v2 =
        QByteArray::fromHex("0d0a0d0a000d0a515549540a2111000cc000023d0a000001000101bb") + post;
    QCOMPARE(firstLine(proxied.endpointPort(), v1), "HTTP/1.1 404 Not Found");
    QCOMPARE(firstLine(proxied.endpointPort(), v1), "HTTP/1.1 429 Too Many Requests");
    QCOMPARE(firstLine(proxied.endpointPort(), v2), "HTTP/1.1 404 Not Found");
    QCOMPARE(firstLine(proxied.endpointPort(), v2), "HTTP/1.1 429 Too Many Requests");
    // Without the header it is closed, from others it is no HTTP.
    QCOMPARE(firstLine(proxied.endpointPort(), post), QByteArray());
    QCOMPARE(HttpPeer(proxied.endpointPort()).exchange(v1).status, 400);
    QCOMPARE(HttpPeer(proxied.endpointPort()).request("POST", "/wpush/v1/junk").status, 404);
}

void LimitsTest::connectionsInAll_overTheirNumber_wait_andPushesStillCome()
{
    if (server().usesQtTransport())
        QSKIP("transport qt: it closes connections over the limit");
    // Of 16 places 15 are for clients where senders need one too.
    TestServer small({ { "limits.connections", "16" } });
    QVERIFY2(small.start(), small.log().constData());
    const int places = small.layout() == TestServer::Layout::All ? 15 : 16;
    std::vector<std::unique_ptr<PushClient>> clients;
    for (int i = 0; i < places; ++i) {
        clients.push_back(std::make_unique<PushClient>(small));
        QVERIFY(!clients.back()->hello().isEmpty());
    }
    QTcpSocket waiting;
    waiting.connectToHost(QHostAddress(QHostAddress::LocalHost), small.connectPort());
    QVERIFY(waiting.waitForConnected(int(Patience.count())));
    waiting.write("GET /status HTTP/1.1\r\nHost: a\r\n\r\n");
    QVERIFY(waiting.waitForBytesWritten(int(Patience.count())));
    const auto isHeldBack = [&small] {
        const HttpReply metrics = HttpPeer(small.routerPort()).get("/metrics");
        return metrics.body.contains("carillon_accept_pauses_total{reason=\"full\"} ")
            && !metrics.body.contains("carillon_accept_pauses_total{reason=\"full\"} 0\n");
    };
    QTRY_VERIFY(isHeldBack());
    // Those who are here are served meanwhile.
    const QByteArray path = clients.front()->subscribe(randomChannel());
    QCOMPARE(Sender(small).push(path).status, 201);
    QVERIFY(!clients.front()->notification().isEmpty());
    QCOMPARE(waiting.bytesAvailable(), 0);
    clients.back()->leave();
    QVERIFY(waiting.waitForReadyRead(int(Patience.count())));
    QVERIFY(waiting.readAll().startsWith("HTTP/1.1 200 OK\r\n"));
}

void LimitsTest::newLimits_holdAfterSighup()
{
    TestServer changing({ { "trusted_proxies", "127.0.0.1" } });
    changing.configure("[rate_limits]\naddress = \"1/h burst 1\"\n");
    QVERIFY2(changing.start(), changing.log().constData());
    HttpPeer http(changing.endpointPort());
    const auto status = [&http] {
        return http.request("POST", "/wpush/v1/junk", from("192.0.2.70")).status;
    };
    QCOMPARE(status(), 404);
    QCOMPARE(status(), 429);
    changing.configure("[rate_limits]\naddress = \"off\"\n");
    changing.hangUp();
    QTRY_COMPARE(status(), 404);
    QCOMPARE(status(), 404);
    changing.configure("[rate_limits]\naddress = \"1/h burst 2\"\n");
    changing.hangUp();
    QTRY_COMPARE(status(), 429);
}

QTEST_GUILESS_MAIN(LimitsTest)
#include "tst_limits.moc"
