// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/senderdiagnosis.h"

#include "core/base/durationtext.h"
#include "core/base/erroradvice.h"
#include "core/diagnosis/clocktext.h"

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

using Verdict = Diagnosis::Verdict;

/// How many of the newest pushes say how it goes now.
constexpr std::size_t Judged = 20;

QString name(const SenderFindings &findings)
{
    return QString::fromLatin1(findings.keyHash.first(8).toHex());
}

Diagnosis ofPushes(const SenderFindings &findings, const std::vector<const Event *> &pushes)
{
    const auto refused = std::ranges::count(pushes, EventKind::PushRefused, &Event::kind);
    const Event &newest = *pushes.front();
    const QString last =
        u"The newest was received at %1."_s.arg(clockText(newest.time, findings.now));
    if (refused == 0)
        return { Verdict::Ok,
                 (pushes.size() == 1
                      ? u"The sender's only push was accepted."_s
                      : u"The sender's last %1 pushes were accepted."_s.arg(pushes.size()))
                     + u' ' + last,
                 {},
                 {} };
    const auto refusal = std::ranges::find(pushes, EventKind::PushRefused, &Event::kind);
    const ErrorCode why = (*refusal)->error.value_or(ErrorCode::Internal);
    const bool isNow = *refusal == &newest;
    return { isNow ? Verdict::Problem : Verdict::Ok,
             u"%1 of the sender's last %2 pushes were refused, the newest of them at %3 with %4 "
             "%5: %6. %7"_s.arg(
                 QString::number(refused), QString::number(pushes.size()),
                 clockText((*refusal)->time, findings.now), QString::number(httpStatus(why)),
                 QString::fromLatin1(errorName(why)), QString::fromUtf8(errorMessage(why)),
                 isNow ? u"The newest push was among them."_s : last),
             QString::fromUtf8(errorAdvice(why)).remove(u'`'),
             {} };
}

} // namespace

Diagnosis diagnoseSender(const SenderFindings &findings)
{
    if (findings.isBlocked)
        return { Verdict::Problem,
                 u"An administrator has blocked this sender. Its pushes are refused with 403."_s,
                 u"Unblock it: carillon unblock %1."_s.arg(name(findings)),
                 {} };
    std::vector<const Event *> pushes;
    for (std::size_t i = findings.events.size(); i-- > 0;) {
        const Event &event = findings.events[i];
        const bool isPush =
            event.kind == EventKind::PushAccepted || event.kind == EventKind::PushRefused;
        if (isPush && pushes.size() < Judged)
            pushes.push_back(&event);
    }
    if (!pushes.empty())
        return ofPushes(findings, pushes);
    if (findings.lastPush)
        return { findings.refused < findings.pushes ? Verdict::Ok : Verdict::Problem,
                 u"The sender's last push was received at %1. Of %2, %3 were refused."_s.arg(
                     clockText(*findings.lastPush, findings.now), QString::number(findings.pushes),
                     QString::number(findings.refused)),
                 {},
                 {} };
    const QString subscriptions = findings.subscriptions > 0
        ? u"%1 restricted to this key exist, but no"_s.arg(
            counted(findings.subscriptions, u"subscription"_s))
        : u"No subscription is restricted to this key, and no"_s;
    return { Verdict::Unknown,
             u"%1 push signed with it has been received%2."_s.arg(
                 subscriptions,
                 findings.hasHistory ? u" as far as the history goes back"_s
                                     : u" since the server started"_s),
             findings.subscriptions > 0
                 ? u"Look at the sender: does it use the endpoint that the browser gave?"_s
                 : u"Compare the key with the applicationServerKey that the page subscribes "
                   "with."_s,
             {} };
}

} // namespace Carillon
