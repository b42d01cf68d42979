// SPDX-License-Identifier: MPL-2.0
#include "server/routing/senderrules.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class TestSenderRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutRules_nobodyIsRefused();
    void blocked_isRefused_othersAreNot();
    void limited_isRefusedBeyondIt_andLaterNot();
    void readAgain_theCountGoesOn();
    void emptyRule_isNone();

private:
    const QByteArray m_key = QByteArray(32, 'k');
    const QByteArray m_other = QByteArray(32, 'o');
    Instant m_now = Instant(1h);
};

void TestSenderRules::withoutRules_nobodyIsRefused()
{
    SenderRules rules;
    QVERIFY(!rules.judge(m_key, m_now).isRefused());
    QVERIFY(rules.all().empty());
}

void TestSenderRules::blocked_isRefused_othersAreNot()
{
    SenderRules rules;
    rules.set(SenderRule { .keyHash = m_key, .isBlocked = true });
    QVERIFY(rules.judge(m_key, m_now).isBlocked);
    QVERIFY(!rules.judge(m_other, m_now).isRefused());
    rules.set(SenderRule { .keyHash = m_key });
    QVERIFY(!rules.judge(m_key, m_now).isRefused());
}

void TestSenderRules::limited_isRefusedBeyondIt_andLaterNot()
{
    SenderRules rules;
    rules.set(SenderRule { .keyHash = m_key, .rate = { 2, 60s, 2 } });
    QVERIFY(!rules.judge(m_key, m_now).isRefused());
    QVERIFY(!rules.judge(m_key, m_now).isRefused());
    const auto refused = rules.judge(m_key, m_now);
    QVERIFY(!refused.isBlocked && refused.wait);
    QCOMPARE(*refused.wait, 30s);
    QVERIFY(!rules.judge(m_other, m_now).isRefused());
    QVERIFY(!rules.judge(m_key, m_now + 30s).isRefused());
}

void TestSenderRules::readAgain_theCountGoesOn()
{
    SenderRules rules;
    const SenderRule rule { .keyHash = m_key, .rate = { 1, 60s, 1 } };
    rules.set(std::vector { rule });
    QVERIFY(!rules.judge(m_key, m_now).isRefused());
    rules.set(std::vector { rule });
    QVERIFY(rules.judge(m_key, m_now).isRefused());
    rules.set(std::vector { SenderRule { .keyHash = m_other, .isBlocked = true } });
    QVERIFY(!rules.judge(m_key, m_now).isRefused());
    QVERIFY(rules.judge(m_other, m_now).isBlocked);
}

void TestSenderRules::emptyRule_isNone()
{
    SenderRules rules;
    rules.set(SenderRule { .keyHash = m_key, .isBlocked = true });
    QVERIFY(rules.find(m_key));
    rules.set(SenderRule { .keyHash = m_key });
    QVERIFY(!rules.find(m_key));
}

QTEST_GUILESS_MAIN(TestSenderRules)
#include "tst_senderrules.moc"
