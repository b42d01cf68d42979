// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/rawdatabase.h"
#include "tests/support/fernetforger.h"
#include "tests/support/protocoltest.h"

#include <QElapsedTimer>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// protocol.md §8, and what signals do (design.md §2.3).
class OperationsTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void health_isOk_data();
    void health_isOk();
    void health_tellsNumbers();
    void routes_ofEachListener_answer_data();
    void routes_ofEachListener_answer();
    void bodyThatNoRouteTakes_changesNoAnswer_data();
    void bodyThatNoRouteTakes_changesNoAnswer();
    void testError_isTeapot_data();
    void testError_isTeapot();
    void testErrors_doNotFillTheLog();
    void metrics_countWhatHappens();
    void metrics_areInTheFormatAskedFor();
    void terminate_closesClientsAndKeepsAll();
    void terminate_whileClientsDoNotRead_endsInTime();
    void terminate_isToldToLoadBalancers_andOpenRequestsAreAnswered();
    void terminate_beforeStorageAnswers_endsCleanly();
    void terminate_whileAnotherKeepsTheFile_refusesAndEndsInTime();
    void terminate_whileAnotherHasTheFileForAMoment_writesAll_data();
    void terminate_whileAnotherHasTheFileForAMoment_writesAll();
    void hangUp_readsKeysAgain();

private:
    [[nodiscard]] quint16 port(const QByteArray &listener)
    {
        return listener == "connect" ? server().connectPort()
            : listener == "endpoint" ? server().endpointPort()
                                     : server().routerPort();
    }
    /// Sends a push whose answer is not waited for, and sees that it has come.
    static void beginPush(TestServer &server, HttpPeer &peer, const QByteArray &path,
                          const QByteArray &body);
    /// The value of a series in /metrics of the process that holds the clients; -1: not there.
    [[nodiscard]] double metric(const QByteArray &series);
};

double OperationsTest::metric(const QByteArray &series)
{
    const HttpReply reply = HttpPeer(server().routerPort()).get("/metrics");
    for (const QByteArray &line : reply.body.split('\n')) {
        if (line.startsWith(series + ' '))
            return line.mid(series.size() + 1).toDouble();
    }
    return -1;
}

void OperationsTest::beginPush(TestServer &server, HttpPeer &peer, const QByteArray &path,
                               const QByteArray &body)
{
    QVERIFY(peer.send("POST " + path
                      + " HTTP/1.1\r\nHost: a\r\nTTL: 60\r\nContent-Encoding: aes128gcm\r\n"
                        "Content-Length: "
                      + QByteArray::number(body.size()) + "\r\n\r\n" + body));
    // Requests behind it are answered, by any worker.
    for (int i = 0; i < 10; ++i)
        QCOMPARE(HttpPeer(server.endpointPort()).get("/__lbheartbeat__").status, 200);
}

void OperationsTest::health_isOk_data()
{
    QTest::addColumn<QByteArray>("listener");
    QTest::addColumn<QByteArray>("path");
    for (const char *listener : { "connect", "endpoint", "router" }) {
        for (const char *path : { "/__heartbeat__", "/health", "/status" })
            QTest::addRow("%s %s", listener, path) << QByteArray(listener) << QByteArray(path);
    }
}

void OperationsTest::health_isOk()
{
    QFETCH(const QByteArray, listener);
    QFETCH(const QByteArray, path);
    const HttpReply reply = HttpPeer(port(listener)).get(path);
    QCOMPARE(reply.status, 200);
    QCOMPARE(reply.header("Content-Type"), "application/json");
    QCOMPARE(text(reply.json(), "status"), "OK");
    QVERIFY(!text(reply.json(), "version").isEmpty());
}

void OperationsTest::health_tellsNumbers()
{
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QJsonObject health = HttpPeer(port("connect")).get("/health").json();
    QVERIFY(health.value(u"connections"_s).toInt() >= 1);
    const int before =
        HttpPeer(port("endpoint")).get("/health").json().value(u"request_count"_s).toInt();
    QCOMPARE(sender().push(path).status, 201);
    health = HttpPeer(port("endpoint")).get("/health").json();
    QCOMPARE(health.value(u"request_count"_s).toInt(), before + 1);
    QVERIFY(health.value(u"routers"_s).isObject());
}

void OperationsTest::routes_ofEachListener_answer_data()
{
    QTest::addColumn<QByteArray>("listener");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    for (const char *listener : { "connect", "endpoint", "router" }) {
        const auto row = [listener](const char *path, int status) {
            QTest::addRow("%s %s", listener, path)
                << QByteArray(listener) << QByteArray(path) << status;
        };
        const bool isPublic = QByteArray(listener) != "router";
        row("/__lbheartbeat__", 200);
        row("/__version__", 200);
        row("/metrics", isPublic ? 404 : 200);
        row("/nothing", 404);
        row("/push/0123456789abcdef0123456789abcdef", isPublic ? 404 : 405);
        row("/notif/0123456789abcdef0123456789abcdef", isPublic ? 404 : 405);
    }
}

void OperationsTest::routes_ofEachListener_answer()
{
    QFETCH(const QByteArray, listener);
    QFETCH(const QByteArray, path);
    QFETCH(const int, status);
    QCOMPARE(HttpPeer(port(listener)).get(path).status, status);
}

void OperationsTest::bodyThatNoRouteTakes_changesNoAnswer_data()
{
    QTest::addColumn<QByteArray>("listener");
    for (const char *listener : { "connect", "endpoint", "router" })
        QTest::newRow(listener) << QByteArray(listener);
}

void OperationsTest::bodyThatNoRouteTakes_changesNoAnswer()
{
    QFETCH(const QByteArray, listener);
    HttpPeer peer(port(listener));
    QCOMPARE(peer.request("POST", "/nothing", {}, "hello").status, 404);
    const HttpReply reply = peer.request("POST", "/status", {}, "hello");
    QCOMPARE(reply.status, 405);
    QVERIFY2(reply.header("Allow").startsWith("GET, HEAD"), reply.header("Allow").constData());
}

void OperationsTest::testError_isTeapot_data()
{
    QTest::addColumn<QByteArray>("listener");
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("__error__") << QByteArray("connect") << QByteArray("/__error__");
    QTest::newRow("err") << QByteArray("endpoint") << QByteArray("/v1/err");
    QTest::newRow("crit") << QByteArray("connect") << QByteArray("/v1/err/crit");
}

void OperationsTest::testError_isTeapot()
{
    QFETCH(const QByteArray, listener);
    QFETCH(const QByteArray, path);
    const HttpReply reply = HttpPeer(port(listener)).get(path);
    QCOMPARE(reply.status, 418);
    QCOMPARE(reply.errorNumber(), 999);
}

void OperationsTest::testErrors_doNotFillTheLog()
{
    HttpPeer peer(port("connect"));
    for (int i = 0; i < 50; ++i)
        QCOMPARE(peer.get("/v1/err/crit").status, 418);
    const auto lines = server().log().count("a test error was requested");
    QVERIFY(lines >= 1);
    QVERIFY2(lines <= 2, "more than one for each process");
}

void OperationsTest::metrics_countWhatHappens()
{
    const double news = metric(R"(carillon_hellos_total{client="new"})");
    const double known = metric(R"(carillon_hellos_total{client="known"})");
    const double registers = metric(R"(carillon_registers_total{outcome="done"})");
    const double acks = metric(R"(carillon_acks_total{code="101"})");
    const double nacks = metric(R"(carillon_nacks_total{code="302"})");
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QCOMPARE(sender().push(path).status, 201);
    const QJsonObject notification = client.notification();
    client.sendJson({ { u"messageType"_s, u"nack"_s },
                      { u"version"_s, notification.value(u"version"_s) },
                      { u"code"_s, 302 } });
    client.acknowledge(notification, 101);
    QVERIFY(client.barrier());
    PushClient again(server());
    again.hello(client.uaid());
    QVERIFY(again.barrier());
    QCOMPARE(metric(R"(carillon_hellos_total{client="new"})"), news + 1);
    QCOMPARE(metric(R"(carillon_hellos_total{client="known"})"), known + 1);
    QCOMPARE(metric(R"(carillon_registers_total{outcome="done"})"), registers + 1);
    QCOMPARE(metric(R"(carillon_acks_total{code="101"})"), acks + 1);
    QCOMPARE(metric(R"(carillon_nacks_total{code="302"})"), nacks + 1);
    QVERIFY(metric(R"(carillon_closes_total{error="Ghost",code="1011"})") >= 1);
    QVERIFY(metric("carillon_connections") >= 1);
}

void OperationsTest::metrics_areInTheFormatAskedFor()
{
    HttpPeer peer(server().routerPort());
    const HttpReply plain = peer.get("/metrics");
    QCOMPARE(plain.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    QVERIFY(!plain.body.contains("# EOF"));
    const HttpReply open = peer.request(
        "GET", "/metrics", { { "Accept", "application/openmetrics-text;version=1.0.0" } });
    QCOMPARE(open.header("Content-Type"),
             "application/openmetrics-text; version=1.0.0; charset=utf-8");
    QCOMPARE(open.header("Vary"), "Accept");
    QVERIFY(open.body.endsWith("\n# EOF\n"));
}

void OperationsTest::terminate_closesClientsAndKeepsAll()
{
    TestServer own({ { "drain_period", "3" } });
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QCOMPARE(Sender(own).pushText(path, "kept over the restart").status, 201);
    QVERIFY(!client.notification().isEmpty());

    QElapsedTimer timer;
    timer.start();
    own.terminate();
    QCOMPARE(client.waitForClose(), 1012);
    QVERIFY(client.waitForTcpEnd());
    QVERIFY(own.waitForEnd());
    QVERIFY2(timer.elapsed() < 4'000, QByteArray::number(timer.elapsed()).constData());
    QVERIFY2(own.exitCode() == 0, own.log().constData());

    QVERIFY2(own.start(), own.log().constData());
    PushClient again(own);
    again.hello(client.uaid());
    QCOMPARE(again.uaid(), client.uaid());
    QCOMPARE(bodyOf(again.notification()), "kept over the restart");
    QCOMPARE(Sender(own).push(path).status, 201);
    QCOMPARE(own.leaks(), QByteArrayList());
}

void OperationsTest::terminate_whileClientsDoNotRead_endsInTime()
{
    TestServer own({ { "drain_period", "1" } });
    QVERIFY2(own.start(), own.log().constData());
    std::vector<std::unique_ptr<PushClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<PushClient>(own));
        clients.back()->hello();
    }
    HttpPeer halfRequest(own.endpointPort());
    QVERIFY(halfRequest.send("POST /wpush/v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"));
    QElapsedTimer timer;
    timer.start();
    own.terminate();
    QVERIFY(own.waitForEnd());
    QVERIFY2(timer.elapsed() < 3'000, QByteArray::number(timer.elapsed()).constData());
    QVERIFY2(own.exitCode() == 0, own.log().constData());
}

void OperationsTest::terminate_isToldToLoadBalancers_andOpenRequestsAreAnswered()
{
    TestServer own({ { "drain_period", "20" } });
    QVERIFY2(own.start(), own.log().constData());
    const QByteArray fields = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const QByteArray end = "0\r\n\r\n";
    HttpPeer balancer(own.endpointPort());
    QVERIFY(balancer.send("GET /__lbheartbeat__" + fields));
    HttpPeer sender(own.endpointPort());
    QVERIFY(sender.send("POST /wpush/v1/x" + fields));
    // What was sent has come: a request behind it is answered.
    QCOMPARE(HttpPeer(own.endpointPort()).get("/__lbheartbeat__").status, 200);
    own.terminate();
    QTRY_COMPARE(HttpPeer(own.endpointPort()).get("/__lbheartbeat__").status, 0);
    QCOMPARE(balancer.exchange(end).status, 503);
    const HttpReply answer = sender.exchange(end);
    QCOMPARE(answer.status, 404);
    QCOMPARE(answer.header("Connection"), "close");
    QVERIFY(own.waitForEnd());
    QVERIFY2(own.exitCode() == 0, own.log().constData());
}

void OperationsTest::terminate_beforeStorageAnswers_endsCleanly()
{
    qputenv("MALLOC_PERTURB_", "165"); // what is freed reads as rubbish
    TestServer own({ { "drain_period", "20" } });
    const bool isStarted = own.start();
    qunsetenv("MALLOC_PERTURB_");
    QVERIFY2(isStarted, own.log().constData());
    PushClient client(own);
    client.hello();
    Carillon::RawDatabase locked(own.filePath(u"carillon.db"_s));
    QVERIFY(locked.run("BEGIN IMMEDIATE"));
    client.sendText(R"({"messageType":"register","channelID":")" + randomChannel() + R"("})");
    client.sendText("{}");
    QCOMPARE(client.nextText(), "{}"); // so the register was heard
    own.terminate();
    QCOMPARE(client.waitForClose(), 1012);
    client.leave();
    // Nobody waits for the answer that storage has yet to give.
    QVERIFY(!own.waitForEnd(500ms));
    QVERIFY(locked.run("ROLLBACK"));
    QVERIFY(own.waitForEnd());
    QVERIFY2(own.exitCode() == 0, own.log().constData());
}

/// Nobody is told 201 of what is not written, and nobody is left without an answer.
void OperationsTest::terminate_whileAnotherKeepsTheFile_refusesAndEndsInTime()
{
    TestServer own({ { "drain_period", "1" } });
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    PushClient absent(own);
    absent.hello();
    const QByteArray absentPath = absent.subscribe(randomChannel());
    absent.leave();

    Carillon::RawDatabase other(own.filePath(u"carillon.db"_s));
    QVERIFY(other.run("BEGIN IMMEDIATE"));
    // The first makes a batch, and the others the next one.
    std::vector<std::unique_ptr<HttpPeer>> senders;
    for (const QByteArray &each : { absentPath, path, absentPath }) {
        senders.push_back(std::make_unique<HttpPeer>(own.endpointPort()));
        beginPush(own, *senders.back(), each, "refused at the end");
    }
    own.terminate();
    for (const auto &sender : senders) {
        const HttpReply reply = sender->receive();
        QCOMPARE(reply.status, 503);
        QVERIFY(!reply.header("Retry-After").isEmpty());
    }
    QVERIFY(own.waitForEnd(5s)); // the lock is never given back
    QVERIFY2(own.exitCode() == 0, own.log().constData());
    QVERIFY(other.run("ROLLBACK"));

    QVERIFY2(own.start(), own.log().constData());
    for (const auto &[uaid, to] :
         { std::pair(client.uaid(), path), { absent.uaid(), absentPath } }) {
        PushClient again(own);
        again.hello(uaid);
        QCOMPARE(again.uaid(), uaid);
        QCOMPARE(Sender(own).pushText(to, "taken afterwards").status, 201);
        QCOMPARE(bodyOf(again.notification()), "taken afterwards");
    }
}

void OperationsTest::terminate_whileAnotherHasTheFileForAMoment_writesAll_data()
{
    QTest::addColumn<bool>("isPushed");
    QTest::newRow("an ack") << false;
    QTest::newRow("an ack, and a push that waits") << true;
}

void OperationsTest::terminate_whileAnotherHasTheFileForAMoment_writesAll()
{
    QFETCH(const bool, isPushed);
    TestServer own({ { "drain_period", "20" } });
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QCOMPARE(Sender(own).pushText(path, "acknowledged").status, 201);

    Carillon::RawDatabase other(own.filePath(u"carillon.db"_s));
    QVERIFY(other.run("BEGIN IMMEDIATE"));
    client.acknowledge(client.notification());
    client.sendText("{}");
    QCOMPARE(client.nextText(), "{}"); // so the ack was heard
    HttpPeer sender(own.endpointPort());
    if (isPushed)
        beginPush(own, sender, path, "pushed at the end");
    own.terminate();
    QTRY_COMPARE(HttpPeer(own.endpointPort()).get("/__lbheartbeat__").status, 0);
    QCOMPARE(client.waitForClose(), 1012);
    client.leave();
    QVERIFY(!own.waitForEnd(500ms));
    QVERIFY(other.run("ROLLBACK"));
    if (isPushed)
        QCOMPARE(sender.receive().status, 201);
    QVERIFY(own.waitForEnd());
    QVERIFY2(own.exitCode() == 0, own.log().constData());

    QVERIFY2(own.start(), own.log().constData());
    PushClient again(own);
    again.hello(client.uaid());
    if (!isPushed)
        QCOMPARE(Sender(own).pushText(path, "pushed at the end").status, 201);
    QCOMPARE(bodyOf(again.notification()), "pushed at the end");
}

void OperationsTest::hangUp_readsKeysAgain()
{
    const QByteArray oldKey = randomFernetKey();
    const QByteArray newKey = randomFernetKey();
    TestServer own({ { "keys.crypto_keys", "" } });
    own.remember(oldKey);
    own.remember(newKey);
    const QString path = own.filePath(u"keys"_s);
    writeFile(path, oldKey);
    own.unset("keys.crypto_keys");
    own.set("keys.crypto_keys_file", path.toUtf8());
    QVERIFY2(own.start(), own.log().constData());

    PushClient client(own);
    client.hello();
    const QByteArray channel = randomChannel();
    const auto tokenOf = [](const QByteArray &endpoint) {
        return endpoint.mid(QByteArray("/wpush/v1/").size());
    };
    const QByteArray before = client.subscribe(channel);
    QVERIFY(!readFernet(oldKey, tokenOf(before)).isEmpty());

    writeFile(path, newKey + ',' + oldKey);
    own.hangUp();
    QByteArray after;
    const auto isOfNewKey = [&] {
        after = client.subscribe(channel);
        return readFernet(newKey, tokenOf(after)).size() == 32;
    };
    QTRY_VERIFY(isOfNewKey()); // nothing on the wire tells that it has read them
    Sender sender(own);
    for (const QByteArray &endpoint : { before, after }) {
        QTRY_COMPARE(sender.push(endpoint).status, 201);
        QVERIFY(!client.notification().isEmpty());
    }

    writeFile(path, newKey); // the old key has served its time
    own.hangUp();
    QTRY_COMPARE(sender.push(before).status, 404);
    QCOMPARE(sender.push(after).status, 201);

    writeFile(path, "no key at all"); // a mistake leaves what was
    own.hangUp();
    QTRY_VERIFY(own.log().contains("not reloaded"));
    QCOMPARE(sender.push(after).status, 201);
    QCOMPARE(own.leaks(), QByteArrayList());
}

QTEST_GUILESS_MAIN(OperationsTest)
#include "tst_operations.moc"
