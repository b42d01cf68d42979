// SPDX-License-Identifier: MPL-2.0
#include "tests/support/fernetforger.h"
#include "tests/support/pushclient.h"
#include "tests/support/sender.h"
#include "tests/support/testcertificate.h"

#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

/// SIGHUP with a new first key while messages are on their way: each keeps its id.
class KeyRotationTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void inFlight_isNotSentAgain_andComesWithTheSameId_data();
    void inFlight_isNotSentAgain_andComesWithTheSameId();
    void oldLocation_stillCancels_data();
    void oldLocation_stillCancels();

private:
    void writeKeys(const QByteArrayList &keys) const;
    /// The old key stays, behind a new one.
    void rotate();

    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<PushClient> m_client;
    QByteArray m_oldKey;
    QByteArray m_newKey;
    QByteArray m_channel;
    QByteArray m_path;
};

void KeyRotationTest::writeKeys(const QByteArrayList &keys) const
{
    writeFile(m_server->filePath(u"keys"_s), keys.join(','));
}

void KeyRotationTest::init()
{
    m_oldKey = randomFernetKey();
    m_newKey = randomFernetKey();
    m_client.reset();
    m_server = std::make_unique<TestServer>();
    writeKeys({ m_oldKey });
    m_server->unset("keys.crypto_keys");
    m_server->set("keys.crypto_keys_file", m_server->filePath(u"keys"_s).toUtf8());
    QVERIFY2(m_server->start(), m_server->log().constData());
    m_client = std::make_unique<PushClient>(*m_server);
    m_client->hello();
    m_channel = randomChannel();
    m_path = m_client->subscribe(m_channel);
}

void KeyRotationTest::rotate()
{
    writeKeys({ m_newKey, m_oldKey });
    m_server->hangUp();
    // Each worker and each process has the new key first once all that it makes is of that key.
    const auto isNew = [this] {
        int good = 0;
        for (int i = 0; i < 20; ++i) {
            PushClient probe(*m_server);
            probe.hello();
            const QByteArray path = probe.subscribe(randomChannel());
            const HttpReply reply = Sender(*m_server).push(path);
            const QByteArray token = path.mid(QByteArray("/wpush/v1/").size());
            const QByteArray id = reply.header("Location").split('/').constLast();
            good += !readFernet(m_newKey, token).isEmpty() && !readFernet(m_newKey, id).isEmpty();
        }
        return good == 20;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isNew(), 20'000);
}

void KeyRotationTest::inFlight_isNotSentAgain_andComesWithTheSameId_data()
{
    QTest::addColumn<QByteArray>("topic");
    QTest::newRow("without a topic") << QByteArray();
    QTest::newRow("with a topic") << QByteArray("news");
}

void KeyRotationTest::inFlight_isNotSentAgain_andComesWithTheSameId()
{
    QFETCH(const QByteArray, topic);
    Sender sender(*m_server);
    PushParts parts;
    parts.topic = topic;
    QCOMPARE(sender.push(m_path, parts).status, 201);
    const QByteArray id = text(m_client->notification(), "version");
    rotate();

    // Has the server read storage from its start, as after a message that it was not told of.
    QCOMPARE(HttpPeer(m_server->routerPort()).request("PUT", "/notif/" + m_client->uaid()).status,
             200);
    QCOMPARE(sender.pushText(m_path, "next").status, 201);
    const QJsonObject next = m_client->notification();
    QCOMPARE(bodyOf(next), "next");
    m_client->acknowledge(next);
    QVERIFY(m_client->barrier());

    const QByteArray uaid = m_client->uaid();
    m_client = std::make_unique<PushClient>(*m_server);
    m_client->hello(uaid);
    const QJsonObject again = m_client->notification();
    QCOMPARE(text(again, "version"), id);
    // One that comes late, with the id of the connection before.
    m_client->acknowledge(again);
    QVERIFY(m_client->barrier());
    m_client = std::make_unique<PushClient>(*m_server);
    m_client->hello(uaid);
    QCOMPARE(sender.pushText(m_path, "alone").status, 201);
    QCOMPARE(bodyOf(m_client->notification()), "alone");
}

void KeyRotationTest::oldLocation_stillCancels_data()
{
    inFlight_isNotSentAgain_andComesWithTheSameId_data();
}

void KeyRotationTest::oldLocation_stillCancels()
{
    QFETCH(const QByteArray, topic);
    Sender sender(*m_server);
    PushParts parts;
    parts.topic = topic;
    const QByteArray location = sender.push(m_path, parts).header("Location");
    QVERIFY(!m_client->notification().isEmpty());
    rotate();
    QCOMPARE(sender.cancel(location).status, 204);
    const QByteArray uaid = m_client->uaid();
    m_client = std::make_unique<PushClient>(*m_server);
    m_client->hello(uaid);
    QCOMPARE(sender.pushText(m_path, "alone").status, 201);
    QCOMPARE(bodyOf(m_client->notification()), "alone");
}

QTEST_GUILESS_MAIN(KeyRotationTest)
#include "tst_keyrotation.moc"
