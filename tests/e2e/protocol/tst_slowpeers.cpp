// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/rawdatabase.h"
#include "tests/support/protocoltest.h"

#include <QTest>

#include <csignal>

using Carillon::RawDatabase;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

constexpr char Channel[] = "3d1c8f1e-7c5b-4a6e-9f0a-5b1d2c3e4f60";

bool clearNodes(const TestServer &server)
{
    return RawDatabase(server.filePath(u"carillon.db"_s)).run("UPDATE client SET node = x''");
}

/// Clients of one server, each with one subscription.
struct Crowd
{
    Crowd(TestServer &server, int count)
    {
        for (int i = 0; i < count; ++i) {
            clients.push_back(std::make_unique<PushClient>(server));
            clients.back()->hello();
            paths << clients.back()->subscribe(Channel);
        }
    }
    [[nodiscard]] PushClient &at(int index) { return *clients[static_cast<std::size_t>(index)]; }

    std::vector<std::unique_ptr<PushClient>> clients;
    QByteArrayList paths; // of their endpoints
};

} // namespace

// Processes that are there and slow, with the roles apart.
class SlowPeersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void connectProcessThatStands_losesNoClient();
    void connectProcessThatStands_whoseRecordsAreCleared_losesNoClient();
    void recordThatIsClearedBehindItsBack_isClaimedAgain();
    void endpointThatIsKilled_beforeItHasTold_losesNoMessage();
    void unsignedRequest_isUnauthorized_unlessTheListenerIsOnLoopback();
};

void SlowPeersTest::connectProcessThatStands_losesNoClient()
{
    constexpr int Clients = 20;
    constexpr int Pushes = 3;
    TestServer server;
    QVERIFY(server.start());
    Sender sender(server);
    Crowd crowd(server, Clients);
    QVERIFY(!crowd.paths.contains(QByteArray()));

    const auto process = static_cast<pid_t>(server.connectProcessId());
    QCOMPARE(::kill(process, SIGSTOP), 0);
    const auto wake = qScopeGuard([process] { ::kill(process, SIGCONT); });
    for (int n = 0; n < Pushes; ++n) {
        for (const QByteArray &path : crowd.paths)
            QCOMPARE(sender.pushText(path, QByteArray::number(n)).status, 201);
    }
    QTRY_VERIFY_WITH_TIMEOUT(server.log().contains("does not answer"), 60'000);
    QCOMPARE(::kill(process, SIGCONT), 0);

    for (const auto &client : crowd.clients) {
        for (int n = 0; n < Pushes; ++n) {
            const QJsonObject notification = client->notification();
            QCOMPARE(bodyOf(notification), QByteArray::number(n));
            client->acknowledge(notification);
        }
    }
    for (int i = 0; i < Clients; ++i) {
        QCOMPARE(sender.pushText(crowd.paths[i], "afterwards").status, 201);
        QCOMPARE(takeBodies(crowd.at(i), 1), QByteArrayList { "afterwards" });
    }
    QVERIFY(!server.log().contains("cannot be reached"));
}

void SlowPeersTest::connectProcessThatStands_whoseRecordsAreCleared_losesNoClient()
{
    constexpr int Clients = 30;
    TestServer server;
    QVERIFY(server.start());
    Sender sender(server);
    Crowd crowd(server, Clients);
    QVERIFY(!crowd.paths.contains(QByteArray()));
    const auto process = static_cast<pid_t>(server.connectProcessId());
    QCOMPARE(::kill(process, SIGSTOP), 0);
    const auto wake = qScopeGuard([process] { ::kill(process, SIGCONT); });
    QVERIFY(clearNodes(server));
    for (const QByteArray &path : crowd.paths)
        QCOMPARE(sender.pushText(path, "meanwhile").status, 201);
    QTest::qSleep(8'000); // so that its timers are late
    QCOMPARE(::kill(process, SIGCONT), 0);
    for (const auto &client : crowd.clients) {
        const QJsonObject notification = client->notification();
        QCOMPARE(bodyOf(notification), "meanwhile"_ba);
        client->acknowledge(notification);
        QVERIFY(client->barrier());
    }
    for (int i = 0; i < Clients; ++i) {
        QCOMPARE(sender.pushText(crowd.paths[i], "afterwards").status, 201);
        QCOMPARE(takeBodies(crowd.at(i), 1), QByteArrayList { "afterwards" });
    }
    QVERIFY(server.log().contains("was suspended"));
}

void SlowPeersTest::recordThatIsClearedBehindItsBack_isClaimedAgain()
{
    TestServer server;
    QVERIFY(server.start());
    Sender sender(server);
    PushClient client(server);
    client.hello();
    const QByteArray path = client.subscribe(Channel);
    QVERIFY(!path.isEmpty());
    QVERIFY(clearNodes(server));
    for (const char *body : { "found in storage", "handed over" }) {
        QCOMPARE(sender.pushText(path, body).status, 201);
        const QJsonObject notification = client.notification();
        QCOMPARE(bodyOf(notification), body);
        client.acknowledge(notification);
    }
    QVERIFY(client.barrier());
}

void SlowPeersTest::endpointThatIsKilled_beforeItHasTold_losesNoMessage()
{
    TestServer server;
    QVERIFY(server.start());
    PushClient client(server);
    client.hello();
    const QByteArray path = client.subscribe(Channel);
    QVERIFY(!path.isEmpty());
    const auto process = static_cast<pid_t>(server.connectProcessId());
    QCOMPARE(::kill(process, SIGSTOP), 0);
    const auto wake = qScopeGuard([process] { ::kill(process, SIGCONT); });
    Sender sender(server);
    // The first is on its way by then, the second waits behind it.
    const QByteArrayList bodies { "first", "second" };
    for (const QByteArray &body : bodies)
        QCOMPARE(sender.pushText(path, body).status, 201);
    QCOMPARE(::kill(static_cast<pid_t>(server.endpointProcessId()), SIGKILL), 0);
    QCOMPARE(::kill(process, SIGCONT), 0);
    for (const QByteArray &body : bodies) {
        const QJsonObject notification = client.notification();
        QCOMPARE(bodyOf(notification), body);
        client.acknowledge(notification);
    }
}

void SlowPeersTest::unsignedRequest_isUnauthorized_unlessTheListenerIsOnLoopback()
{
    for (const bool isPublic : { false, true }) {
        TestServer server({ { "keys.crypto_keys", randomFernetKey() } });
        if (isPublic) {
            server.set("router.host", "0.0.0.0");
            server.set("router.url", "http://127.0.0.1:8081");
        }
        QVERIFY2(server.start(), server.log().constData());
        const HttpReply reply =
            HttpPeer(server.routerPort()).request("PUT", "/notif/0123456789abcdef0123456789abcdef");
        QCOMPARE(reply.status, isPublic ? 401 : 404);
    }
}

QTEST_GUILESS_MAIN(SlowPeersTest)
#include "tst_slowpeers.moc"
