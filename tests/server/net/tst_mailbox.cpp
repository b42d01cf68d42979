// SPDX-License-Identifier: MPL-2.0
#include "server/net/mailbox.h"

#include <QCoreApplication>
#include <QTest>

#include <thread>

using namespace Carillon;

class TestMailbox : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tasksOfOtherThreads_runHere_inTheirOrder()
    {
        Mailbox mailbox;
        std::vector<int> ran;
        bool isHere = true;
        const std::thread::id here = std::this_thread::get_id();
        std::thread poster([&] {
            for (int i = 0; i < 3; ++i)
                mailbox.post([&, i] {
                    ran.push_back(i);
                    isHere = isHere && std::this_thread::get_id() == here;
                });
        });
        poster.join();
        QVERIFY(ran.empty());
        QTRY_COMPARE(ran, (std::vector<int> { 0, 1, 2 }));
        QVERIFY(isHere);
    }

    void taskPostedByATask_runsInALaterTurn()
    {
        Mailbox mailbox;
        bool isNested = false;
        bool hasRun = false;
        mailbox.post([&] {
            mailbox.post([&] { hasRun = true; });
            isNested = hasRun;
        });
        QTRY_VERIFY(hasRun);
        QVERIFY(!isNested);
    }

    void closed_runsNoQueuedTask()
    {
        Mailbox mailbox;
        int ran = 0;
        mailbox.post([&] {
            ++ran;
            mailbox.close();
        });
        mailbox.post([&] { ++ran; });
        QTRY_COMPARE(ran, 1);
        mailbox.post([&] { ++ran; });
        QCoreApplication::processEvents();
        QCOMPARE(ran, 1);
    }
};

QTEST_GUILESS_MAIN(TestMailbox)
#include "tst_mailbox.moc"
