// SPDX-License-Identifier: MPL-2.0
#include "tests/support/pushclient.h"
#include "tests/support/sender.h"

#include <QFile>
#include <QTest>

#include <future>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

constexpr char Channel[] = "3d1c8f1e-7c5b-4a6e-9f0a-5b1d2c3e4f60";

/// While the file that is named is there, the server's disk syncs nothing; isOutlasted: for longer
/// than the server may drain.
QString slowDown(TestServer &server, bool isOutlasted)
{
    const QString hold = server.filePath(u"hold"_s);
    server.set("storage.sync", "full");
    server.set("drain_period", isOutlasted ? "1" : "20");
    server.setEnvironment(u"LD_PRELOAD"_s, qEnvironmentVariable("CARILLON_SLOWSYNC"));
    server.setEnvironment(u"SLOWSYNC_HOLD"_s, hold);
    server.setEnvironment(u"ASAN_OPTIONS"_s, // the runtime wants to be loaded first
                          qEnvironmentVariable("ASAN_OPTIONS") + u":verify_asan_link_order=0"_s);
    return hold;
}

} // namespace

// SIGTERM while the disk takes its time with a commit.
class ShutdownTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void terminated_whileACommitIsPending_keepsWhatItAnswered_data();
    void terminated_whileACommitIsPending_keepsWhatItAnswered();
    void terminated_whileARegisterIsPending_ends_data();
    void terminated_whileARegisterIsPending_ends();
};

void ShutdownTest::terminated_whileACommitIsPending_keepsWhatItAnswered_data()
{
    QTest::addColumn<bool>("isConnected");
    QTest::addColumn<bool>("isOutlasted"); // the commit takes longer than the server may drain
    QTest::newRow("client away") << false << false;
    QTest::newRow("client connected") << true << false;
    QTest::newRow("client away, hung disk") << false << true;
    QTest::newRow("client connected, hung disk") << true << true;
}

void ShutdownTest::terminated_whileACommitIsPending_keepsWhatItAnswered()
{
    QVERIFY2(qEnvironmentVariableIsSet("CARILLON_SLOWSYNC"), "it names the library to preload");
    QFETCH(const bool, isConnected);
    QFETCH(const bool, isOutlasted);
    TestServer server;
    const QString hold = slowDown(server, isOutlasted);
    QVERIFY2(server.start(), server.log().constData());
    auto client = std::make_unique<PushClient>(server);
    client->hello();
    const QByteArray uaid = client->uaid();
    const QByteArray path = client->subscribe(Channel);
    QVERIFY(!path.isEmpty());
    if (!isConnected)
        client.reset();

    writeFile(hold, {});
    const auto release = qScopeGuard([hold] { QFile::remove(hold); });
    auto status = std::async(std::launch::async, [&server, path] {
        return Sender(server).pushText(path, "pending").status;
    });
    if (isConnected
        && server.layout() == TestServer::Layout::All) // else it comes behind the commit
        QCOMPARE(bodyOf(client->notification()), "pending"_ba); // and is not acknowledged
    QTRY_VERIFY(QFile::exists(hold + u".waiting"_s));
    PushClient other(server);
    if (other.hello().value(u"status"_s).toInt() == 200)
        other.sendJson({ { u"messageType"_s, u"register"_s },
                         { u"channelID"_s, QLatin1StringView(Channel) } });
    server.terminate();
    if (isOutlasted)
        QTRY_VERIFY(status.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
    QVERIFY(QFile::remove(hold));
    QVERIFY2(server.waitForEnd(), server.log().constData());
    QVERIFY2(server.exitCode() == 0, server.log().constData());
    const int answered = status.get();
    QCOMPARE(answered, isOutlasted ? 503 : 201);

    QVERIFY2(server.start(), server.log().constData());
    PushClient again(server);
    again.hello(uaid);
    QCOMPARE(again.uaid(), uaid);
    if (answered == 201)
        QCOMPARE(bodyOf(again.notification()), "pending"_ba);
    QVERIFY(again.barrier());
    server.terminate();
    QVERIFY(server.waitForEnd());
    QCOMPARE(server.exitCode(), 0);
}

void ShutdownTest::terminated_whileARegisterIsPending_ends_data()
{
    QTest::addColumn<bool>("isOutlasted");
    QTest::newRow("slow disk") << false;
    QTest::newRow("hung disk") << true;
}

// With the roles apart the commit is the connect process's own.
void ShutdownTest::terminated_whileARegisterIsPending_ends()
{
    QVERIFY2(qEnvironmentVariableIsSet("CARILLON_SLOWSYNC"), "it names the library to preload");
    QFETCH(const bool, isOutlasted);
    TestServer server;
    const QString hold = slowDown(server, isOutlasted);
    QVERIFY2(server.start(), server.log().constData());
    PushClient client(server);
    client.hello();
    writeFile(hold, {});
    const auto release = qScopeGuard([hold] { QFile::remove(hold); });
    client.sendJson(
        { { u"messageType"_s, u"register"_s }, { u"channelID"_s, QString::fromLatin1(Channel) } });
    QTRY_VERIFY(QFile::exists(hold + u".waiting"_s));
    server.terminate();
    QCOMPARE(client.waitForClose(), 1012);
    if (isOutlasted)
        QTest::qSleep(1'500);
    QVERIFY(QFile::remove(hold));
    QVERIFY2(server.waitForEnd(), server.log().constData());
    QVERIFY2(server.exitCode() == 0, server.log().constData());

    // It was committed, so the client is known.
    QVERIFY2(server.start(), server.log().constData());
    PushClient again(server);
    again.hello(client.uaid());
    QCOMPARE(again.uaid(), client.uaid());
    QVERIFY(!again.subscribe(Channel).isEmpty());
}

QTEST_GUILESS_MAIN(ShutdownTest)
#include "tst_shutdown.moc"
