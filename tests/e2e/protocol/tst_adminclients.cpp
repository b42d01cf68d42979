// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QTest>
#include <QUrl>

#include <algorithm>
#include <functional>
#include <thread>

using namespace Carillon::Testing;

namespace {

/// The admin API over its Unix socket, which needs no token of the user that the server runs as.
class AdminPeer
{
public:
    explicit AdminPeer(QString path) : m_path(std::move(path)) { }

    HttpReply request(const QByteArray &method, const QByteArray &path, const QByteArray &body = {})
    {
        QLocalSocket socket;
        socket.connectToServer(m_path);
        if (!socket.waitForConnected(static_cast<int>(Patience.count())))
            return {};
        socket.write(method + " /api/v1" + path
                     + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     + (body.isEmpty() ? QByteArray()
                                       : "Content-Type: application/json\r\nContent-Length: "
                                + QByteArray::number(body.size()) + "\r\n")
                     + "\r\n" + body);
        QByteArray answer;
        while (socket.waitForReadyRead(static_cast<int>(Patience.count())))
            answer += socket.readAll();
        answer += socket.readAll();
        HttpReply reply;
        reply.status = answer.mid(9, 3).toInt();
        reply.body = answer.mid(answer.indexOf("\r\n\r\n") + 4);
        return reply;
    }
    QJsonObject get(const QByteArray &path) { return request("GET", path).json(); }

private:
    QString m_path;
};

QByteArrayList uaidsOf(const QJsonArray &items)
{
    QByteArrayList uaids;
    for (const QJsonValue item : items)
        uaids << text(item.toObject(), "uaid");
    return uaids;
}

QByteArray bare(QByteArray uuid)
{
    return uuid.replace('-', "");
}

} // namespace

// The resources of the admin API about clients, messages, queues and senders.
class AdminClientsTest : public ProtocolTest
{
    Q_OBJECT
public:
    AdminClientsTest();

private Q_SLOTS:
    void init();
    void clients_areFoundAndFiltered();
    void clients_pagedWhileOthersComeAndGo_areListedOnce();
    void connectedClients_arePaged();
    void client_inFull();
    void client_unknown_isNotFound();
    void disconnect_closesTheConnection_again_changesNothing();
    void ping_isAnswered_absentClient_isAConflict();
    void check_ofAConnectedClient_isTold();
    void testPush_arrives();
    void removeClient_sendersAreToldSo();
    void removeSubscription_sendersAreToldSo();
    void messages_areListedAndShown();
    void message_isDeleted();
    void purge_countsFall();
    void queues_countWhatIsStored();
    void sender_blocked_isRefused_untilItIsUnblocked();
    void sender_limited_isRefusedBeyondIt();
    void wrongInput_isAProblem_data();
    void wrongInput_isAProblem();

private:
    /// A client with a subscription, of the user agent that this test function has for itself.
    std::unique_ptr<PushClient> client(QByteArray *path = nullptr, QByteArray *channel = nullptr,
                                       const QByteArray &key = {});
    /// All items of a list of this function's clients, page by page.
    QByteArrayList allUaids(const QByteArray &query, const std::function<void()> &between = {});
    [[nodiscard]] bool becomes(const std::function<bool()> &isSo);
    [[nodiscard]] QJsonObject shown(const PushClient &client)
    {
        return m_admin->get("/clients/" + client.uaid());
    }

    std::unique_ptr<AdminPeer> m_admin;
    QByteArray m_agent;
    int m_function = 0;
};

AdminClientsTest::AdminClientsTest()
{
    m_admin = std::make_unique<AdminPeer>(server().adminSocket());
}

void AdminClientsTest::init()
{
    m_agent = "Agent" + QByteArray::number(++m_function) + "x";
}

std::unique_ptr<PushClient> AdminClientsTest::client(QByteArray *path, QByteArray *channel,
                                                     const QByteArray &key)
{
    auto made = std::make_unique<PushClient>(server());
    const QByteArray chid = randomChannel();
    if (!made->open({ { "User-Agent", m_agent } }) || made->hello().isEmpty())
        return made;
    const QByteArray endpoint = made->subscribe(chid, key);
    if (path)
        *path = endpoint;
    if (channel)
        *channel = chid;
    return made;
}

QByteArrayList AdminClientsTest::allUaids(const QByteArray &query,
                                          const std::function<void()> &between)
{
    QByteArrayList uaids;
    QByteArray path = "/clients?limit=4&user_agent=" + m_agent + query;
    for (int pages = 0; pages < 200; ++pages) {
        const QJsonObject page = m_admin->get(path);
        const QJsonArray items = page.value(u"items").toArray();
        uaids += uaidsOf(items);
        if (!page.contains(u"next") || items.size() > 4)
            return { "no page, or one over its limit" };
        if (page.value(u"next").isNull())
            return uaids;
        path = "/clients?limit=4&cursor=" + QUrl::toPercentEncoding(page.value(u"next").toString());
        if (between)
            between();
    }
    return { "too many pages" };
}

bool AdminClientsTest::becomes(const std::function<bool()> &isSo)
{
    return QTest::qWaitFor(isSo, static_cast<int>(Patience.count()));
}

void AdminClientsTest::clients_areFoundAndFiltered()
{
    const auto here = client();
    auto left = client();
    const QByteArray gone = left->uaid();
    left.reset();
    QVERIFY(
        becomes([&] { return allUaids("&connected=true") == QByteArrayList { here->uaid() }; }));
    QCOMPARE(allUaids("&connected=false"), QByteArrayList { gone });
    QByteArrayList both { here->uaid(), gone };
    std::ranges::sort(both);
    QCOMPARE(allUaids(""), both);
    QCOMPARE(allUaids("&sort=expires").size(), 2);
    QCOMPARE(allUaids("&has_messages=true"), QByteArrayList());
    QCOMPARE(allUaids("&idle=3600"), QByteArrayList());
    QCOMPARE(allUaids("&text=" + gone.first(10)), QByteArrayList { gone });

    const QJsonObject item = m_admin->get("/clients?connected=true&user_agent=" + m_agent)
                                 .value(u"items")
                                 .toArray()
                                 .first()
                                 .toObject();
    QCOMPARE(text(item, "state"), QByteArray("connected"));
    QCOMPARE(text(item, "user_agent"), m_agent);
    QCOMPARE(text(item, "address"), QByteArray("127.0.0.1"));
    QCOMPARE(item.value(u"channels").toInt(), 1);
    QVERIFY(item.value(u"bytes_in").toInteger() > 0);
    QVERIFY(item.value(u"bytes_out").toInteger() > 0);
}

void AdminClientsTest::clients_pagedWhileOthersComeAndGo_areListedOnce()
{
    QByteArrayList stay;
    QByteArrayList go;
    for (int i = 0; i < 24; ++i)
        (i % 2 == 0 ? stay : go) << client()->uaid();
    const QByteArrayList listed = allUaids("", [&] {
        if (!go.isEmpty())
            QCOMPARE(m_admin->request("DELETE", "/clients/" + go.takeFirst()).status, 200);
        client();
    });
    for (const QByteArray &uaid : stay)
        QCOMPARE(listed.count(uaid), 1);
    QCOMPARE(QSet<QByteArray>(listed.begin(), listed.end()).size(), listed.size());
}

void AdminClientsTest::connectedClients_arePaged()
{
    std::vector<std::unique_ptr<PushClient>> here;
    QByteArrayList uaids;
    for (int i = 0; i < 11; ++i) {
        here.push_back(client());
        uaids << here.back()->uaid();
    }
    std::ranges::sort(uaids);
    QCOMPARE(allUaids("&connected=true"), uaids);
    std::reverse(uaids.begin(), uaids.end());
    QCOMPARE(allUaids("&connected=true&order=reverse"), uaids);
}

void AdminClientsTest::client_inFull()
{
    QByteArray path;
    QByteArray channel;
    const auto here = client(&path, &channel);
    QCOMPARE(sender().push(path).status, 201);
    QVERIFY(!here->notification().isEmpty());
    const QJsonObject json = shown(*here);
    QCOMPARE(text(json, "state"), QByteArray("connected"));
    QCOMPARE(json.value(u"unacknowledged").toInt(), 1);
    QCOMPARE(json.value(u"sent").toInt(), 1);
    const QJsonArray channels = json.value(u"channels").toArray();
    QCOMPARE(channels.size(), 1);
    QCOMPARE(text(channels.first().toObject(), "chid"), bare(channel));
    QCOMPARE(channels.first().toObject().value(u"messages").toInt(), 1);
}

void AdminClientsTest::client_unknown_isNotFound()
{
    const QByteArray unknown = "/clients/" + bare(randomChannel());
    QCOMPARE(m_admin->request("GET", unknown).status, 404);
    QCOMPARE(m_admin->request("POST", unknown + "/disconnect").status, 404);
    QCOMPARE(m_admin->request("POST", unknown + "/ping").status, 404);
    // What is to be gone is gone.
    QCOMPARE(m_admin->request("DELETE", unknown).json().value(u"removed").toBool(true), false);
    QCOMPARE(m_admin->request("DELETE", unknown + "/messages").json().value(u"removed").toInt(-1),
             0);
}

void AdminClientsTest::disconnect_closesTheConnection_again_changesNothing()
{
    const auto here = client();
    const QByteArray path = "/clients/" + here->uaid() + "/disconnect";
    QCOMPARE(m_admin->request("POST", path).json().value(u"disconnected").toBool(), true);
    QCOMPARE(here->waitForClose(), 1012);
    QCOMPARE(here->closeReason(), QByteArray("Disconnected"));
    QVERIFY(becomes([&] { return text(shown(*here), "state") == "offline"; }));
    QCOMPARE(m_admin->request("POST", path).json().value(u"disconnected").toBool(true), false);

    const auto other = client();
    QCOMPARE(m_admin->request("POST", "/clients/" + other->uaid() + "/disconnect?code=1013").status,
             200);
    QCOMPARE(other->waitForClose(), 1013);
}

void AdminClientsTest::ping_isAnswered_absentClient_isAConflict()
{
    auto here = client();
    const QByteArray path = "/clients/" + here->uaid() + "/ping";
    HttpReply reply;
    // The client has to read while the server waits for it.
    std::thread asking([&] { reply = m_admin->request("POST", path); });
    const bool hasPing = here->waitForPing();
    asking.join();
    QVERIFY(hasPing);
    QCOMPARE(reply.json().value(u"answered").toBool(), true);
    QVERIFY(reply.json().value(u"milliseconds").toDouble() > 0);
    here.reset();
    QVERIFY(becomes([&] { return m_admin->request("POST", path).status == 409; }));
}

void AdminClientsTest::check_ofAConnectedClient_isTold()
{
    QByteArray path;
    const auto here = client(&path);
    QCOMPARE(sender().push(path).status, 201);
    const QJsonObject first = here->notification();
    QCOMPARE(m_admin->request("POST", "/clients/" + here->uaid() + "/check").status, 200);
    // What is in flight is not sent again.
    QVERIFY(here->barrier());
    QVERIFY(here->takeWaiting().isEmpty());
    here->acknowledge(first);
}

void AdminClientsTest::testPush_arrives()
{
    QByteArray channel;
    const auto here = client(nullptr, &channel);
    const QByteArray path = "/clients/" + here->uaid() + "/test-push";
    HttpReply reply;
    std::thread asking(
        [&] { reply = m_admin->request("POST", path, R"({"chid":")" + channel + R"("})"); });
    const QJsonObject notification = here->notification();
    here->acknowledge(notification);
    static_cast<void>(here->barrier());
    asking.join();
    QCOMPARE(text(notification, "channelID"), channel);
    QCOMPARE(reply.status, 200);
    QCOMPARE(text(reply.json(), "id"), text(notification, "version"));
    const QByteArray unknown = R"({"chid":")" + randomChannel() + R"("})";
    QCOMPARE(m_admin->request("POST", path, unknown).status, 404);
}

void AdminClientsTest::removeClient_sendersAreToldSo()
{
    QByteArray path;
    const auto here = client(&path);
    const QJsonObject removed = m_admin->request("DELETE", "/clients/" + here->uaid()).json();
    QCOMPARE(removed.value(u"removed").toBool(), true);
    QCOMPARE(removed.value(u"disconnected").toBool(), true);
    QCOMPARE(here->waitForClose(), 1000);
    QVERIFY(becomes([&] { return sender().push(path).status == 410; }));
    QCOMPARE(m_admin->request("GET", "/clients/" + here->uaid()).status, 404);
}

void AdminClientsTest::removeSubscription_sendersAreToldSo()
{
    QByteArray path;
    QByteArray channel;
    const auto here = client(&path, &channel);
    const QByteArray target = "/clients/" + here->uaid() + "/channels/" + channel;
    QCOMPARE(m_admin->request("DELETE", target).json().value(u"removed").toBool(), true);
    QCOMPARE(here->waitForClose(), 1012);
    QVERIFY(becomes([&] { return sender().push(path).status == 410; }));
    QCOMPARE(m_admin->request("DELETE", target).json().value(u"removed").toBool(true), false);
}

void AdminClientsTest::messages_areListedAndShown()
{
    QByteArray path;
    QByteArray channel;
    auto here = client(&path, &channel);
    const QByteArray uaid = here->uaid();
    here.reset();
    const QByteArray location =
        sender().push(path, { .ttl = "3600", .topic = "news" }).header("location");
    QCOMPARE(sender().push(path, { .urgency = "high" }).status, 201);
    const auto items = [&](const QByteArray &query) {
        return m_admin->get("/messages?" + query).value(u"items").toArray();
    };
    QVERIFY(becomes([&] { return items("uaid=" + uaid).size() == 2; }));
    QCOMPARE(items("chid=" + channel).size(), 2);
    QCOMPARE(items("uaid=" + uaid + "&urgency=high").size(), 1);
    QCOMPARE(items("uaid=" + uaid + "&expiring_within=600").size(), 1);
    QCOMPARE(items("uaid=" + uaid + "&older_than=600").size(), 0);
    QCOMPARE(items("uaid=" + uaid + "&order=reverse&limit=1").first().toObject().value(u"urgency"),
             QJsonValue(QStringLiteral("high")));
    const QJsonObject item = items("uaid=" + uaid + "&topic=news").first().toObject();
    const QByteArray id = text(item, "id");
    QVERIFY(location.endsWith("/m/" + id));
    QCOMPARE(item.value(u"ttl").toInt(), 3600);

    const QJsonObject message =
        m_admin->get("/messages/" + QUrl::toPercentEncoding(QString::fromLatin1(id)));
    QCOMPARE(text(message, "id"), id);
    QVERIFY(message.value(u"body").isNull());
    const QByteArray body = PushParts().body;
    QCOMPARE(text(message, "body_sha256"),
             QCryptographicHash::hash(body, QCryptographicHash::Sha256).toHex());
    const QJsonObject whole = m_admin->get(
        "/messages/" + QUrl::toPercentEncoding(QString::fromLatin1(id)) + "?body=true");
    QCOMPARE(QByteArray::fromBase64(text(whole, "body")), body);
}

void AdminClientsTest::message_isDeleted()
{
    QByteArray path;
    auto here = client(&path);
    const QByteArray uaid = here->uaid();
    here.reset();
    const QByteArray location = sender().push(path).header("location");
    const QByteArray target = "/messages/"
        + QUrl::toPercentEncoding(QString::fromLatin1(
            location.mid(location.lastIndexOf("/m/") + 3)));
    QVERIFY(becomes([&] { return m_admin->request("GET", target).status == 200; }));
    QCOMPARE(m_admin->request("DELETE", target).json().value(u"removed").toBool(), true);
    QCOMPARE(m_admin->request("DELETE", target).json().value(u"removed").toBool(true), false);
    QCOMPARE(m_admin->request("GET", target).status, 404);
    PushClient back(server());
    back.hello(uaid);
    QVERIFY(back.barrier());
    QVERIFY(back.takeWaiting().isEmpty());
}

void AdminClientsTest::purge_countsFall()
{
    QByteArray path;
    auto here = client(&path);
    const QByteArray uaid = here->uaid();
    here.reset();
    for (int i = 0; i < 5; ++i)
        QCOMPARE(sender().push(path).status, 201);
    const QByteArray target = "/clients/" + uaid;
    QVERIFY(becomes([&] { return m_admin->get(target).value(u"messages").toInt() == 5; }));
    QCOMPARE(m_admin->request("DELETE", target + "/messages").json().value(u"removed").toInt(), 5);
    QCOMPARE(m_admin->get(target).value(u"messages").toInt(-1), 0);
    QCOMPARE(m_admin->request("DELETE", target + "/messages").json().value(u"removed").toInt(-1),
             0);
}

void AdminClientsTest::queues_countWhatIsStored()
{
    QByteArray path;
    auto here = client(&path);
    const QByteArray uaid = here->uaid();
    here.reset();
    for (int i = 0; i < 3; ++i)
        QCOMPARE(sender().push(path).status, 201);
    // Surveys are made anew after a second or so.
    QVERIFY(becomes([&] {
        for (const QJsonValue queue : m_admin->get("/queues").value(u"deepest").toArray()) {
            if (text(queue.toObject(), "uaid") == uaid)
                return queue.toObject().value(u"messages").toInt() == 3;
        }
        return false;
    }));
    const QJsonObject queues = m_admin->get("/queues");
    QVERIFY(queues.value(u"clients").toInt() > 0);
    QVERIFY(queues.value(u"messages").toInt() >= 3);
}

void AdminClientsTest::sender_blocked_isRefused_untilItIsUnblocked()
{
    const VapidKey key;
    QByteArray path;
    auto here = client(&path, nullptr, key.publicKey());
    here.reset();
    const PushParts signed_ { .authorization = key.authorization(server().origin()) };
    QCOMPARE(sender().push(path, signed_).status, 201);
    const QByteArray hash =
        QCryptographicHash::hash(key.point(), QCryptographicHash::Sha256).toHex();
    const QByteArray target = "/senders/" + hash;
    QCOMPARE(m_admin->get(target).value(u"pushes").toInt(), 1);
    QCOMPARE(text(m_admin->get(target), "state"), QByteArray("free"));

    QCOMPARE(m_admin->request("POST", target + "/block").json().value(u"changed").toBool(), true);
    QCOMPARE(m_admin->request("POST", target + "/block").json().value(u"changed").toBool(true),
             false);
    const HttpReply refused = sender().push(path, signed_);
    QCOMPARE(refused.status, 403);
    QCOMPARE(refused.errorName(), QByteArray("SenderBlocked"));
    const QJsonObject shown = m_admin->get(target);
    QCOMPARE(text(shown, "state"), QByteArray("blocked"));
    QCOMPARE(shown.value(u"errors").toObject().value(u"SenderBlocked").toInt(), 1);
    // Of another sender nothing is refused.
    const VapidKey other;
    QByteArray otherPath;
    auto also = client(&otherPath, nullptr, other.publicKey());
    also.reset();
    QCOMPARE(sender()
                 .push(otherPath, { .authorization = other.authorization(server().origin()) })
                 .status,
             201);

    // The rule is kept: it holds after a start.
    server().terminate();
    QVERIFY(server().waitForEnd());
    QVERIFY(server().start());
    QVERIFY(becomes([&] { return sender().push(path, signed_).status == 403; }));
    // By its key, in any form.
    QVERIFY(becomes([&] {
        return m_admin->request("POST", "/senders/" + key.publicKey() + "/unblock").status == 200;
    }));
    QCOMPARE(sender().push(path, signed_).status, 201);
}

void AdminClientsTest::sender_limited_isRefusedBeyondIt()
{
    const VapidKey key;
    QByteArray path;
    auto here = client(&path, nullptr, key.publicKey());
    here.reset();
    const PushParts signed_ { .authorization = key.authorization(server().origin()) };
    QCOMPARE(sender().push(path, signed_).status, 201);
    const QByteArray target = "/senders/"
        + QCryptographicHash::hash(key.point(), QCryptographicHash::Sha256).toHex() + "/limit";
    QCOMPARE(m_admin->request("PUT", target, R"({"limit":"2/1h"})").status, 200);
    QCOMPARE(sender().push(path, signed_).status, 201);
    QCOMPARE(sender().push(path, signed_).status, 201);
    const HttpReply refused = sender().push(path, signed_);
    QCOMPARE(refused.status, 429);
    QVERIFY(refused.header("retry-after").toInt() > 60);
    QCOMPARE(m_admin->request("PUT", target, R"({"limit":null})").status, 200);
    QCOMPARE(sender().push(path, signed_).status, 201);
}

void AdminClientsTest::wrongInput_isAProblem_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &method, const QByteArray &path,
                        const QByteArray &body = {}) {
        QTest::newRow(name) << method << path << body;
    };
    row("cursor", "GET", "/clients?cursor=nonsense");
    row("cursor of another list", "GET",
        "/clients?cursor=" + base64Url(R"({"f":{},"k":["00","AAAA"],"r":false,"s":"uaid"})"));
    row("seek", "GET", "/clients?seek=xyz");
    row("prefix", "GET", "/clients?text=0000-0");
    row("sort of connected", "GET", "/clients?connected=true&sort=expires");
    row("sort of a client's messages", "GET",
        "/messages?sort=expires&uaid=00000000000000000000000000000000");
    row("seek of a time", "GET", "/messages?seek=yesterday");
    row("limit of a sender", "PUT", "/senders/" + QByteArray(64, '0') + "/limit",
        R"({"limit":"many"})");
    row("body", "POST", "/clients/00000000000000000000000000000000/test-push", R"({"chid":1})");
}

void AdminClientsTest::wrongInput_isAProblem()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, body);
    const HttpReply reply = m_admin->request(method, path, body);
    QCOMPARE(reply.status, 400);
    QVERIFY(!text(reply.json(), "detail").isEmpty());
}

QTEST_GUILESS_MAIN(AdminClientsTest)
#include "tst_adminclients.moc"
