// SPDX-License-Identifier: MPL-2.0
#include "server/connect/sessionsummary.h"

#include "core/base/log.h"
#include "core/base/logfields.h"
#include "core/client/useragent.h"

namespace Carillon {

using namespace Qt::StringLiterals;

void logSession(const Uaid &uaid, const SessionCounts &counts, QByteArrayView userAgent,
                std::optional<ErrorCode> why)
{
    if (!lcSessions().isInfoEnabled())
        return;
    const UserAgent agent = readUserAgent(userAgent);
    const auto text = [](QByteArrayView latin1) { return QString::fromLatin1(latin1); };
    const SessionCounts::Seconds lasted =
        SessionCounts::secondsOf(std::chrono::steady_clock::now()) - counts.opened;
    const QString client = text(shortened(uaid));
    const QString reason = why ? text(errorName(*why)) : u"closed-by-peer"_s;
    const QString browser =
        text(agent.browser) + (agent.version.isEmpty() ? QString() : u' ' + text(agent.version));
    const QString line =
        u"client %1 (%2 on %3) left after %4 s: %5; %6 messages direct, %7 from storage, %8 from "
        "other nodes; %9 acks, %10 nacks, %11 registers, %12 unregisters"_s
            .arg(client, browser, text(agent.os), QString::number(lasted.count()), reason,
                 QString::number(counts.direct), QString::number(counts.stored),
                 QString::number(counts.handedOver), QString::number(counts.acknowledged))
            .arg(counts.refused)
            .arg(counts.registers)
            .arg(counts.unregisters);
    // autopush's names, where it has the same.
    const QJsonObject values {
        { u"uaid"_s, client },
        { u"existing_uaid"_s, !counts.isNew },
        { u"connection_type"_s, u"webpush"_s },
        { u"ua_os_family"_s, text(agent.os) },
        { u"ua_browser_family"_s, text(agent.browser) },
        { u"ua_browser_ver"_s, text(agent.version) },
        { u"connection_time"_s, qint64 { lasted.count() } },
        { u"direct_sent"_s, qint64 { counts.direct } },
        { u"stored_retrieved"_s, qint64 { counts.stored } },
        { u"handed_over"_s, qint64 { counts.handedOver } },
        { u"acks"_s, qint64 { counts.acknowledged } },
        { u"nacks"_s, qint64 { counts.refused } },
        { u"registers"_s, qint64 { counts.registers } },
        { u"unregisters"_s, qint64 { counts.unregisters } },
        { u"disconnect_reason"_s, reason },
    };
    logInfo(lcSessions(), line, { {}, values });
}

} // namespace Carillon
