// SPDX-License-Identifier: MPL-2.0
#include "tests/support/pushclient.h"
#include "tests/support/sender.h"

#include <QTest>

#include <csignal>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// Two connect processes over one file, and a client of the first one with a subscription.
struct TwoProcesses
{
    /// own: settings of the second process.
    [[nodiscard]] bool start(const SettingValues &own = {})
    {
        if (!server.start() || !server.startSecondConnect(own))
            return false;
        older.hello();
        path = older.subscribe(randomChannel());
        return !path.isEmpty();
    }

    TestServer server;
    PushClient older { server };
    QByteArray path;
};

} // namespace

// One client with connections to two processes over one file, with the roles apart.
class GhostsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void helloElsewhere_endsTheOlderConnection_andTakesOverWhatItLeft();
    void helloElsewhere_whereTheOtherProcessStands_isAnswered();
    void helloElsewhere_whereTheOtherProcessIsGone_isAnswered();
    void olderConnection_thatCouldNotBeTold_endsByItself();
};

void GhostsTest::helloElsewhere_endsTheOlderConnection_andTakesOverWhatItLeft()
{
    TestServer server;
    QVERIFY2(server.start() && server.startSecondConnect(), server.log().constData());
    Sender sender(server);
    auto older = std::make_unique<PushClient>(server);
    older->hello();
    const QByteArray uaid = older->uaid();
    QByteArrayList paths;
    QByteArrayList channels;
    constexpr int Hellos = 4; // there and back, twice
    for (int hello = 1; hello <= Hellos; ++hello) {
        channels << randomChannel();
        paths << older->subscribe(channels.back());
        QVERIFY(!paths.back().isEmpty());
        QCOMPARE(sender.pushText(paths.front(), "acknowledged").status, 201);
        const QJsonObject acknowledged = older->notification();
        QCOMPARE(bodyOf(acknowledged), "acknowledged");
        QCOMPARE(sender.pushText(paths.back(), "left").status, 201);
        QCOMPARE(bodyOf(older->notification()), "left");
        older->acknowledge(acknowledged); // and does not wait for its effect

        auto newer =
            std::make_unique<PushClient>(server, hello % 2 == 1 ? server.secondConnectPort() : 0);
        QCOMPARE(newer->hello(uaid).value(u"status"_s).toInt(), 200);
        QCOMPARE(newer->uaid(), uaid);
        const QJsonObject left = newer->notification();
        QCOMPARE(bodyOf(left), "left");
        newer->acknowledge(left);
        QCOMPARE(older->waitForClose(), 1011);
        QCOMPARE(older->closeReason(), "Ghost");
        for (const QByteArray &path : paths) {
            QCOMPARE(sender.pushText(path, path).status, 201);
            const QJsonObject notification = newer->notification();
            QCOMPARE(bodyOf(notification), path);
            newer->acknowledge(notification);
        }
        older = std::move(newer);
    }
    for (const QByteArray &channel : channels)
        QCOMPARE(older->unregister(channel), 200);
    QVERIFY(older->takeWaiting().isEmpty());
}

void GhostsTest::helloElsewhere_whereTheOtherProcessStands_isAnswered()
{
    TwoProcesses scene;
    QVERIFY2(scene.start(), scene.server.log().constData());
    auto &[server, older, path] = scene;
    const auto process = static_cast<pid_t>(server.connectProcessId());
    QCOMPARE(::kill(process, SIGSTOP), 0);
    const auto wake = qScopeGuard([process] { ::kill(process, SIGCONT); });
    PushClient newer(server, server.secondConnectPort());
    newer.hello(older.uaid());
    QCOMPARE(newer.uaid(), older.uaid());
    QCOMPARE(Sender(server).pushText(path, "to the newer").status, 201);
    QCOMPARE(bodyOf(newer.notification()), "to the newer");
    QCOMPARE(::kill(process, SIGCONT), 0);
    QCOMPARE(older.waitForClose(), 1011);
    QCOMPARE(older.closeReason(), "Ghost");
    QVERIFY(older.takeWaiting().isEmpty());
}

void GhostsTest::helloElsewhere_whereTheOtherProcessIsGone_isAnswered()
{
    TwoProcesses scene;
    QVERIFY2(scene.start(), scene.server.log().constData());
    auto &[server, older, path] = scene;
    QCOMPARE(::kill(static_cast<pid_t>(server.connectProcessId()), SIGKILL), 0);
    QVERIFY(older.waitForTcpEnd());
    PushClient newer(server, server.secondConnectPort());
    newer.hello(older.uaid());
    QCOMPARE(newer.uaid(), older.uaid());
    QCOMPARE(Sender(server).pushText(path, "to the newer").status, 201);
    QCOMPARE(bodyOf(newer.notification()), "to the newer");
}

// The processes do not believe each other, and the older connection says nothing.
void GhostsTest::olderConnection_thatCouldNotBeTold_endsByItself()
{
    TwoProcesses scene;
    QVERIFY2(scene.start({ { "keys.cluster_secret", randomText(32) } }),
             scene.server.log().constData());
    auto &[server, older, path] = scene;
    PushClient newer(server, server.secondConnectPort());
    newer.hello(older.uaid());
    QCOMPARE(newer.uaid(), older.uaid());
    QCOMPARE(older.waitForClose(), 1011);
    QCOMPARE(older.closeReason(), "Ghost");
    QVERIFY(newer.barrier());
}

QTEST_GUILESS_MAIN(GhostsTest)
#include "tst_ghosts.moc"
