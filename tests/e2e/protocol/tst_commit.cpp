// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/rawdatabase.h"
#include "tests/support/protocoltest.h"

#include <QTest>

#include <atomic>
#include <future>
#include <thread>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// design.md §3.1: 201 promises that the message is kept. Its client has it, perhaps, and does not
// acknowledge it, so only a commit can make that true.
class CommitTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void commitIsHeld_noAnswerComesBeforeIt_data() { clients(); }
    void commitIsHeld_noAnswerComesBeforeIt();
    void commitFails_isRefused_data() { clients(); }
    void commitFails_isRefused();

private:
    static void clients();
    [[nodiscard]] QString database() { return server().filePath(u"carillon.db"_s); }
    /// An answer, and whether it came after `isReleased` was set.
    struct Answer
    {
        HttpReply reply;
        bool isAfterRelease = false;
    };
    [[nodiscard]] std::future<Answer> push(const std::atomic<bool> &isReleased);
    void reconnect();

    std::unique_ptr<PushClient> m_client;
    QByteArray m_path;
};

void CommitTest::clients()
{
    QTest::addColumn<bool>("isConnected");
    QTest::addRow("connected") << true;
    QTest::addRow("away") << false;
}

void CommitTest::init()
{
    m_client = std::make_unique<PushClient>(server());
    m_client->hello();
    m_path = m_client->subscribe(randomChannel());
    QVERIFY(!m_path.isEmpty());
}

std::future<CommitTest::Answer> CommitTest::push(const std::atomic<bool> &isReleased)
{
    return std::async(std::launch::async, [this, &isReleased] {
        Answer answer;
        answer.reply = Sender(server()).push(m_path);
        answer.isAfterRelease = isReleased;
        return answer;
    });
}

void CommitTest::reconnect()
{
    const QByteArray uaid = m_client->uaid();
    m_client = std::make_unique<PushClient>(server());
    m_client->hello(uaid);
    QCOMPARE(m_client->uaid(), uaid);
}

void CommitTest::commitIsHeld_noAnswerComesBeforeIt()
{
    QFETCH(const bool, isConnected);
    if (!isConnected)
        m_client->leave();
    Carillon::RawDatabase other(database());
    QVERIFY(other.run("BEGIN IMMEDIATE"));
    std::atomic<bool> isReleased = false;
    std::future<Answer> answer = push(isReleased);
    // Where one process has both, the client has it long before it is kept.
    if (isConnected && server().layout() == TestServer::Layout::All)
        QVERIFY(!m_client->notification().isEmpty());
    std::this_thread::sleep_for(500ms);
    isReleased = true;
    QVERIFY(other.run("COMMIT"));
    const Answer found = answer.get();
    QCOMPARE(found.reply.status, 201);
    QVERIFY(found.isAfterRelease);
    reconnect();
    QVERIFY(!m_client->notification().isEmpty());
}

void CommitTest::commitFails_isRefused()
{
    QFETCH(const bool, isConnected);
    if (!isConnected)
        m_client->leave();
    Carillon::RawDatabase other(database());
    QVERIFY(other.run("BEGIN IMMEDIATE"));
    const std::atomic<bool> isReleased = false;
    const HttpReply reply = push(isReleased).get().reply;
    QVERIFY(other.run("COMMIT"));
    QCOMPARE(reply.status, 503);
    QVERIFY(!reply.header("Retry-After").isEmpty());
}

QTEST_GUILESS_MAIN(CommitTest)
#include "tst_commit.moc"
