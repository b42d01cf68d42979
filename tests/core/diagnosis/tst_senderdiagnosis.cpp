// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/senderdiagnosis.h"

#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// 2023-11-14 22:13:20 UTC
constexpr Time Start { 1'700'000'000s };

SenderFindings aSender()
{
    return { .now = Start + 1h, .keyHash = QByteArray(32, '\x22') };
}

void push(SenderFindings &of, std::chrono::seconds after, std::optional<ErrorCode> error = {})
{
    Event event;
    event.id = of.events.size() + 1;
    event.time = Start + after;
    event.kind = error ? EventKind::PushRefused : EventKind::PushAccepted;
    event.error = error;
    of.events.push_back(event);
}

} // namespace

class tst_SenderDiagnosis : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void acceptedPushes_areFine()
    {
        SenderFindings of = aSender();
        push(of, 0s);
        QCOMPARE(
            diagnoseSender(of).summary,
            u"The sender's only push was accepted. The newest was received at 22:13:20 UTC."_s);
        push(of, 60s);
        QCOMPARE(diagnoseSender(of).summary,
                 u"The sender's last 2 pushes were accepted. The newest was received at 22:14:20 "
                 "UTC."_s);
        QVERIFY(diagnoseSender(of).verdict == Diagnosis::Verdict::Ok);
    }

    void newestPushRefused_isAProblem()
    {
        SenderFindings of = aSender();
        push(of, 0s);
        push(of, 60s, ErrorCode::VapidExpired);
        const Diagnosis diagnosis = diagnoseSender(of);
        QVERIFY(diagnosis.verdict == Diagnosis::Verdict::Problem);
        QVERIFY2(diagnosis.summary.startsWith(u"1 of the sender's last 2 pushes were refused"_s),
                 qPrintable(diagnosis.summary));
        QVERIFY2(diagnosis.remedy.contains(u"Create a new token"_s), qPrintable(diagnosis.remedy));
    }

    void olderPushRefused_isMentioned()
    {
        SenderFindings of = aSender();
        push(of, 0s, ErrorCode::VapidExpired);
        push(of, 60s);
        const Diagnosis diagnosis = diagnoseSender(of);
        QVERIFY(diagnosis.verdict == Diagnosis::Verdict::Ok);
        QVERIFY2(diagnosis.summary.contains(u"401 VapidExpired"_s), qPrintable(diagnosis.summary));
    }

    void onlyNewPushes_areJudged()
    {
        SenderFindings of = aSender();
        push(of, 0s, ErrorCode::VapidExpired);
        for (int i = 1; i <= 20; ++i)
            push(of, i * 1s);
        QVERIFY2(!diagnoseSender(of).summary.contains(u"refused"_s),
                 qPrintable(diagnoseSender(of).summary));
    }

    void blockedSender_isNamed()
    {
        SenderFindings of = aSender();
        push(of, 0s);
        of.isBlocked = true;
        QVERIFY(diagnoseSender(of).verdict == Diagnosis::Verdict::Problem);
        QVERIFY(diagnoseSender(of).remedy.contains(u"carillon unblock 2222222222222222"_s));
    }

    void withoutEvents_countsAreTold()
    {
        SenderFindings of = aSender();
        of.pushes = 10;
        of.refused = 10;
        of.lastPush = Start;
        QVERIFY(diagnoseSender(of).verdict == Diagnosis::Verdict::Problem);
        of.refused = 1;
        QVERIFY(diagnoseSender(of).verdict == Diagnosis::Verdict::Ok);
        QVERIFY(diagnoseSender(of).summary.contains(u"Of 10, 1 were refused"_s));
    }

    void unknownSender_isUnknown()
    {
        SenderFindings of = aSender();
        QVERIFY(diagnoseSender(of).verdict == Diagnosis::Verdict::Unknown);
        QVERIFY(diagnoseSender(of).remedy.contains(u"applicationServerKey"_s));
        of.subscriptions = 3;
        QVERIFY2(diagnoseSender(of).summary.startsWith(u"3 subscriptions restricted"_s),
                 qPrintable(diagnoseSender(of).summary));
    }
};

QTEST_APPLESS_MAIN(tst_SenderDiagnosis)
#include "tst_senderdiagnosis.moc"
