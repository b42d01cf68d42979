// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <algorithm>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// A server of its own, and a client of it that has gone.
struct Absence
{
    explicit Absence(const SettingValues &settings = {}) : server(settings), sender(server) { }
    [[nodiscard]] bool start()
    {
        if (!server.start())
            return false;
        PushClient client(server);
        client.hello();
        path = client.subscribe(randomChannel());
        uaid = client.uaid();
        client.sendFrame(Opcode::Close, {});
        return !path.isEmpty() && client.waitForTcpEnd();
    }
    [[nodiscard]] HttpReply push(const QByteArray &body)
    {
        PushParts parts;
        parts.body = body;
        return sender.push(path, parts);
    }
    /// Bodies of what the client is sent when it comes back, acknowledged.
    [[nodiscard]] QByteArrayList take(int count)
    {
        PushClient client(server);
        client.hello(uaid);
        return takeBodies(client, count);
    }
    /// The worst health of the listeners.
    [[nodiscard]] int health()
    {
        return std::max(HttpPeer(server.endpointPort()).get("/health").status,
                        HttpPeer(server.connectPort()).get("/health").status);
    }
    [[nodiscard]] int metric(const QByteArray &name)
    {
        const QByteArray all = HttpPeer(server.routerPort()).get("/metrics").body;
        const qsizetype at = all.indexOf('\n' + name + ' ');
        return at < 0 ? -1 : all.mid(at + name.size() + 2).split('\n').constFirst().toInt();
    }

    TestServer server;
    Sender sender;
    QByteArray uaid;
    QByteArray path;
};

} // namespace

/// What becomes of pushes when the database cannot take them.
class DatabaseTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void movedWhileRunning_is503_andNothingIsMade_thenRecovers();
    void full_is503_whileClientsDrain();
    void secondServerOfRoleAll_isRefused();
    void lifetimeBelowADay_connectedClientStays();
};

void DatabaseTest::movedWhileRunning_is503_andNothingIsMade_thenRecovers()
{
    Absence absence;
    QVERIFY2(absence.start(), absence.server.log().constData());
    QCOMPARE(absence.push("before").status, 201);
    const QString here = absence.server.filePath(u"carillon.db"_s);
    const QString there = absence.server.filePath(u"moved"_s);
    QVERIFY(QFile::rename(here, there));
    for (int i = 0; i < 3; ++i) {
        const HttpReply refused = absence.push("meanwhile");
        QCOMPARE(refused.status, 503);
        QCOMPARE(refused.errorName(), "StorageUnavailable");
        QVERIFY(refused.header("Retry-After").toInt() > 0);
    }
    PushClient known(absence.server);
    QVERIFY(known.hello(absence.uaid).isEmpty());
    QCOMPARE(known.waitForClose(), 1013);
    QTRY_COMPARE_WITH_TIMEOUT(absence.health(), 503, 20'000);
    QVERIFY(!QFile::exists(here));
    const QByteArray line = here.toUtf8() + " is not the file that was opened";
    const int processes = absence.server.layout() == TestServer::Layout::Apart ? 2 : 1;
    QCOMPARE(absence.server.log().count(line), processes);

    QVERIFY(QFile::rename(there, here));
    QTRY_COMPARE_WITH_TIMEOUT(absence.health(), 200, 20'000);
    QCOMPARE(absence.push("after").status, 201);
    QCOMPARE(absence.take(2), (QByteArrayList { "before", "after" }));
    QCOMPARE(absence.server.log().count(line), processes);
    QCOMPARE(absence.server.log().count("the database can be written again"), processes);
}

/// Each would give out sort keys by itself and know nothing of the other's clients.
void DatabaseTest::secondServerOfRoleAll_isRefused()
{
    TestServer first;
    if (first.layout() == TestServer::Layout::Apart)
        QSKIP("roles apart share their database");
    QVERIFY(first.start());
    TestServer second({ { "storage.dsn", "sqlite:" + first.filePath(u"carillon.db"_s).toUtf8() } });
    QVERIFY(!second.start());
    QVERIFY2(second.log().contains("is in use by another server"), second.log().constData());
    // The lock goes with its process, however that ends.
    first.kill();
    QVERIFY2(second.start(), second.log().constData());
}

void DatabaseTest::full_is503_whileClientsDrain()
{
    Absence absence({ { "storage.max_database_size", "400 KiB" } });
    QVERIFY2(absence.start(), absence.server.log().constData());
    int accepted = 0;
    HttpReply last;
    // Slowly, for the bound is looked at once a second.
    while ((last = absence.push(QByteArray(4'000, 'x'))).status == 201 && ++accepted < 900)
        QTest::qWait(20);
    QCOMPARE(last.status, 503);
    QCOMPARE(last.errorName(), "StorageFull");
    QCOMPARE(last.errorNumber(), 201);
    QVERIFY(last.header("Retry-After").toInt() > 0);
    QCOMPARE(absence.health(), 200);
    PushClient fresh(absence.server);
    fresh.hello();
    QCOMPARE(fresh.subscribe(randomChannel()), QByteArray());
    QTRY_COMPARE_WITH_TIMEOUT(absence.metric("carillon_storage_full"), 1, 20'000);
    QVERIFY(HttpPeer(absence.server.connectPort()).get("/health").body.contains("\"full\":true"));
    PushParts transient;
    transient.ttl = "0";
    QCOMPARE(absence.sender.push(absence.path, transient).status, 201);

    QCOMPARE(absence.take(accepted), QByteArrayList(accepted, QByteArray(4'000, 'x')));
    QTRY_COMPARE_WITH_TIMEOUT(absence.push("room again").status, 201, 20'000);
    QCOMPARE(absence.take(1), QByteArrayList { "room again" });
}

void DatabaseTest::lifetimeBelowADay_connectedClientStays()
{
    TestServer own({ { "storage.client_lifetime", "3s" } });
    QVERIFY2(own.start(), own.log().constData());
    Sender sender(own);
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QVERIFY(!path.isEmpty());
    QTest::qWait(7'000); // twice its lifetime
    QCOMPARE(sender.push(path).status, 201);
    client.acknowledge(client.notification());
    QVERIFY(client.barrier());
    PushClient again(own);
    again.hello(client.uaid());
    QCOMPARE(again.uaid(), client.uaid());
    QCOMPARE(sender.push(path).status, 201);
}

QTEST_GUILESS_MAIN(DatabaseTest)
#include "tst_database.moc"
