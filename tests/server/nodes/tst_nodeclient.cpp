// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorystorage.h"
#include "server/journal/journal.h"
#include "server/net/worker.h"
#include "server/nodes/nodeclient.h"
#include "tests/support/loglines.h"

#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <atomic>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

const ChannelId Channel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");

/// Another process: answers what the test says, without a body.
class OtherNode
{
public:
    /// In place of a status.
    enum Fault { KeepsSilent = 0, Ends = -1, EndsWithin = -2, IsNoHttp = -3 };

    struct Asked
    {
        QByteArray path;
        QByteArray signature;
        QByteArray body;
    };

    OtherNode()
    {
        if (!m_server.listen(QHostAddress(QHostAddress::LocalHost)))
            qFatal("no port");
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            QTcpSocket *const peer = m_server.nextPendingConnection();
            QObject::connect(peer, &QIODevice::readyRead, peer, [this, peer] { read(*peer); });
        });
    }
    [[nodiscard]] NodeId id() const
    {
        return NodeId("http://127.0.0.1:" + QByteArray::number(m_server.serverPort()));
    }

    std::function<int(const Asked &)> status;
    std::vector<Asked> asked;

private:
    void read(QTcpSocket &peer)
    {
        m_bytes.append(peer.readAll());
        const qsizetype end = m_bytes.indexOf("\r\n\r\n");
        const QByteArray head = m_bytes.first(std::max<qsizetype>(end, 0));
        if (end < 0 || m_bytes.size() < end + 4 + valueOf(head, "content-length").toLongLong())
            return;
        Asked request { head.split(' ').value(1), valueOf(head, NodeSignature::HeaderName),
                        m_bytes.sliced(end + 4) };
        m_bytes.clear();
        const int said = status(request);
        asked.push_back(std::move(request));
        if (said > 0) {
            peer.write("HTTP/1.1 " + QByteArray::number(said)
                       + " Said\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        if (said == KeepsSilent)
            return;
        if (said == EndsWithin)
            peer.write("HTTP/1.1 200 OK\r\nContent-Le");
        if (said == IsNoHttp)
            peer.write("200 OK\r\n\r\n");
        peer.disconnectFromHost();
    }
    [[nodiscard]] static QByteArray valueOf(const QByteArray &head, QByteArrayView name)
    {
        for (const QByteArray &line : head.split('\n')) {
            const qsizetype colon = line.indexOf(':');
            if (colon > 0 && line.first(colon).compare(name, Qt::CaseInsensitive) == 0)
                return line.sliced(colon + 1).trimmed();
        }
        return {};
    }

    QTcpServer m_server;
    QByteArray m_bytes;
};

} // namespace

class TestNodeClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void taken_isAskedOnce();
    void nodeThatKnowsAnOlderSecretOnly_takesIt();
    void nodeThatKnowsNoSecret_isLeftInTheRecord_andSaidSo();
    void nodeThatIsNotThere_isCleared();
    void nodeThatIsNotThere_isSaidOnce();
    void nodeWithoutTheClient_isCleared_afterTwoAnswers();
    void nodeThatAnswersOddly_staysInTheRecord_andIsAskedAgain_data();
    void nodeThatAnswersOddly_staysInTheRecord_andIsAskedAgain();
    void drained_asksOnceMore_andGivesUp_data();
    void drained_asksOnceMore_andGivesUp();
    void handOversThatNobodyAnswers_haveABound();
    void whatStorageSays_whenTheWorkersHaveEnded_isTakenInSilence();

private:
    void send(const NodeId &node);
    /// Whether the delivery ends.
    [[nodiscard]] bool deliver(const NodeId &node);
    [[nodiscard]] QByteArray recordedNode();

    SystemClock m_clock;
    std::unique_ptr<Metrics> m_metrics;
    std::unique_ptr<Journal> m_journal;
    Uaid m_uaid;
    std::unique_ptr<MemoryStorage> m_storage;
    std::unique_ptr<Worker> m_worker;
    std::unique_ptr<NodeClient> m_client;
    std::unique_ptr<OtherNode> m_node;
    std::int64_t m_connectedAt = 0;
    bool m_isClosed = false;
};

void TestNodeClient::init()
{
    m_uaid = newUaid();
    m_storage = std::make_unique<MemoryStorage>(m_clock);
    m_node = std::make_unique<OtherNode>();
    m_storage->addChannel(m_uaid, { m_node->id(), {} }, Channel, {}, 10,
                          [](const Result<void> &added) { QVERIFY(added); });
    m_storage->findClient(m_uaid, [this](const Result<std::optional<ClientRecord>> &record) {
        QVERIFY(record && *record);
        m_connectedAt = (*record)->connectedAt;
    });
    m_metrics = std::make_unique<Metrics>();
    m_journal = std::make_unique<Journal>(*m_metrics);
    m_worker = std::make_unique<Worker>(0);
    m_client =
        std::make_unique<NodeClient>(std::vector { m_worker.get() }, *m_storage,
                                     NodeSignature({}, { "new key", "old key" }), *m_journal);
}

void TestNodeClient::cleanup()
{
    if (!m_isClosed)
        m_worker->stop([this] { m_client->close(*m_worker); });
    m_isClosed = false;
    m_storage.reset();
    m_client.reset();
    m_worker.reset();
    m_node.reset();
}

void TestNodeClient::send(const NodeId &node)
{
    Notification message;
    message.uaid = m_uaid;
    message.channelId = Channel;
    message.ttl = 60s;
    message.accepted = m_clock.now();
    message.sortKey = SortKey { 78 };
    m_client->handOver({ .notification = message, .connectedAt = m_connectedAt }, node);
}

bool TestNodeClient::deliver(const NodeId &node)
{
    send(node);
    return QTest::qWaitFor([this] { return m_client->open() == 0; }, 10'000);
}

QByteArray TestNodeClient::recordedNode()
{
    QByteArray node;
    m_storage->findRoute(m_uaid, Channel, [&node](const Result<std::optional<Route>> &route) {
        node = route && *route ? (*route)->node.url() : "gone";
    });
    return node;
}

void TestNodeClient::taken_isAskedOnce()
{
    m_node->status = [](const OtherNode::Asked &) { return 200; };
    QVERIFY(deliver(m_node->id()));
    QCOMPARE(m_node->asked.size(), 1U);
    QCOMPARE(m_node->asked[0].path, "/push/" + toHex(m_uaid));
}

void TestNodeClient::nodeThatKnowsAnOlderSecretOnly_takesIt()
{
    const NodeSignature older({}, { "old key" });
    m_node->status = [&](const OtherNode::Asked &it) {
        return older.verify(it.signature, "PUT", it.path, it.body, m_clock.wall()) ? 200 : 401;
    };
    QVERIFY(deliver(m_node->id()));
    QCOMPARE(m_node->asked.size(), 2U);
    QCOMPARE(m_node->asked[1].path, "/push/" + toHex(m_uaid));
    QCOMPARE(m_node->asked[1].body, m_node->asked[0].body);
    QVERIFY(!m_node->asked[1].body.isEmpty());
    QCOMPARE(m_metrics->value(Metric::HandOversTaken), 1);
}

void TestNodeClient::nodeThatKnowsNoSecret_isLeftInTheRecord_andSaidSo()
{
    m_node->status = [](const OtherNode::Asked &) { return 401; };
    QTest::ignoreMessage(QtWarningMsg,
                         QRegularExpression(QStringLiteral("rejects the signatures of this one")));
    QVERIFY(deliver(m_node->id()));
    QCOMPARE(m_node->asked.size(), 2U);
    QCOMPARE(recordedNode(), m_node->id().url());
    QCOMPARE(m_metrics->value(Metric::HandOversFailed), 1);
}

void TestNodeClient::nodeThatIsNotThere_isCleared()
{
    const NodeId gone("http://127.0.0.1:1");
    QVERIFY(deliver(gone));
    QCOMPARE(recordedNode(), QByteArray());
}

void TestNodeClient::nodeThatIsNotThere_isSaidOnce()
{
    const LogLines log;
    for (int i = 0; i < 3; ++i)
        QVERIFY(deliver(NodeId("http://127.0.0.1:1")));
    QCOMPARE(LogLines::lines().filter(QStringLiteral("cannot be reached")).size(), 1);
}

void TestNodeClient::nodeWithoutTheClient_isCleared_afterTwoAnswers()
{
    m_node->status = [](const OtherNode::Asked &) { return 404; };
    QVERIFY(deliver(m_node->id()));
    QCOMPARE(m_node->asked.size(), 2U);
    QCOMPARE(m_node->asked[1].path, "/notif/" + toHex(m_uaid));
    QCOMPARE(recordedNode(), QByteArray());
}

void TestNodeClient::nodeThatAnswersOddly_staysInTheRecord_andIsAskedAgain_data()
{
    QTest::addColumn<int>("status");
    QTest::newRow("its own fault") << 500;
    QTest::newRow("overloaded") << 503;
    QTest::newRow("somewhere else") << 302;
    QTest::newRow("no such method") << 405;
    QTest::newRow("nothing") << int { OtherNode::Ends };
    QTest::newRow("half of it") << int { OtherNode::EndsWithin };
    QTest::newRow("not in HTTP") << int { OtherNode::IsNoHttp };
}

void TestNodeClient::nodeThatAnswersOddly_staysInTheRecord_andIsAskedAgain()
{
    QFETCH(const int, status);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("does not answer")));
    m_node->status = [status](const OtherNode::Asked &) { return status; };
    QVERIFY(deliver(m_node->id()));
    QVERIFY(deliver(m_node->id())); // which does not wait for the node
    QCOMPARE(m_node->asked[0].path, "/push/" + toHex(m_uaid));
    QTRY_VERIFY(m_node->asked.size() >= 2);
    QCOMPARE(m_node->asked[1].path, "/notif/" + toHex(m_uaid));
    QCOMPARE(recordedNode(), m_node->id().url());

    bool isTold = false;
    m_node->status = [&isTold](const OtherNode::Asked &it) {
        isTold = it.path.startsWith("/notif/");
        return 200;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isTold, 20'000);
    isTold = false;
    QTRY_VERIFY_WITH_TIMEOUT(
        deliver(m_node->id()) && m_node->asked.back().path.startsWith("/push/"), 20'000);
    QCOMPARE(recordedNode(), m_node->id().url());
}

void TestNodeClient::drained_asksOnceMore_andGivesUp_data()
{
    QTest::addColumn<int>("status");
    QTest::newRow("it answers by now") << 200;
    QTest::newRow("it still has trouble") << 503;
}

void TestNodeClient::drained_asksOnceMore_andGivesUp()
{
    QFETCH(const int, status);
    QTest::ignoreMessage(QtWarningMsg,
                         QRegularExpression(QStringLiteral("notified of their messages later")));
    m_node->status = [](const OtherNode::Asked &) { return 503; };
    QVERIFY(deliver(m_node->id()));
    QCOMPARE(m_client->untold(), 1);
    if (status == 503)
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("were not notified")));
    m_node->status = [status](const OtherNode::Asked &) { return status; };
    m_client->drain();
    QTRY_COMPARE(m_client->untold(), 0);
    QCOMPARE(m_node->asked.back().path, "/notif/" + toHex(m_uaid));
    QCOMPARE(recordedNode(), m_node->id().url());
    // What comes now is tried once, too.
    if (status == 503)
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("were not notified")));
    QVERIFY(deliver(m_node->id()));
    QTRY_COMPARE(m_client->untold(), 0);
    QCOMPARE(m_node->asked.back().path, "/push/" + toHex(m_uaid));
}

/// The server's end stops its workers before storage has written all.
void TestNodeClient::handOversThatNobodyAnswers_haveABound()
{
    constexpr int Most = 4'096;
    constexpr int More = 100;
    m_node->status = [](const OtherNode::Asked &) { return int { OtherNode::KeepsSilent }; };
    for (int i = 0; i < Most + More; ++i) {
        m_uaid = newUaid();
        send(m_node->id());
    }
    // They do not wait for an answer: they are stored, and the other process is told of it later.
    m_worker->runAndWait([] {});
    QVERIFY(m_metrics->value(Metric::HandOversFailed) >= More);
}

void TestNodeClient::whatStorageSays_whenTheWorkersHaveEnded_isTakenInSilence()
{
    m_worker->stop([this] { m_client->close(*m_worker); });
    m_isClosed = true;
    send(m_node->id());
    m_client->setSignature(NodeSignature({}, { "newest key" }));
    QCOMPARE(m_client->open(), 1);
}

QTEST_GUILESS_MAIN(TestNodeClient)
#include "tst_nodeclient.moc"
