// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/diagnosis.h"

#include "core/base/durationtext.h"
#include "core/base/erroradvice.h"
#include "core/diagnosis/clocktext.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

using State = MessageFate::State;
using Verdict = Diagnosis::Verdict;

/// A connected client acknowledges within milliseconds; a phone that wakes up takes some seconds.
constexpr std::chrono::seconds UsualAck { 10 };

QString ascii(QByteArrayView text)
{
    return QString::fromLatin1(text);
}

std::chrono::milliseconds between(Time from, Time to)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

/// A sentence without its Markdown.
QString plain(QByteArrayView markdown)
{
    return QString::fromUtf8(markdown).remove(u'`');
}

class Judge
{
public:
    explicit Judge(const Findings &findings)
        : m_findings(findings), m_all(messageFates({ .events = findings.events,
                                                     .stored = findings.stored,
                                                     .isStoredComplete = findings.isStoredComplete,
                                                     .now = findings.now }))
    {
        std::ranges::copy_if(m_all, std::back_inserter(m_fates),
                             [this](const MessageFate &fate) { return isAbout(fate); });
    }

    [[nodiscard]] Diagnosis judge()
    {
        Diagnosis diagnosis = verdict();
        diagnosis.messages = std::move(m_fates);
        return diagnosis;
    }

private:
    [[nodiscard]] bool isAbout(const MessageFate &fate) const
    {
        switch (m_findings.subject) {
        case Findings::Subject::Client:
            return true;
        case Findings::Subject::Subscription:
            return fate.channelId == m_findings.channelId;
        case Findings::Subject::Message:
            return fate.sortKey && fate.sortKey == m_findings.message;
        }
        Q_UNREACHABLE();
    }

    [[nodiscard]] Diagnosis verdict() const
    {
        const bool isMessage = m_findings.subject == Findings::Subject::Message;
        // What has become of a message is the answer, whatever has become of its client since.
        if (isMessage && !m_fates.empty())
            return ofMessage(m_fates.front());
        if (!m_findings.client)
            return withoutClient();
        if (isMessage)
            return ofForgottenMessage();
        if (m_findings.subject == Findings::Subject::Subscription && !channel())
            return withoutChannel();
        if (m_findings.client->summary.record.routerType != "webpush")
            return ofBridge();
        if (m_findings.isSenderBlocked)
            return { Verdict::Problem,
                     u"An administrator has blocked the sender to whose key the subscription is "
                     "restricted. Its pushes are refused with 403."_s,
                     u"Unblock it: carillon unblock %1."_s.arg(
                         ascii(m_findings.keyHash.toHex().first(16))),
                     {} };
        return m_fates.empty() ? withoutPush() : ofMessage(m_fates.front());
    }

    // The subject is gone.

    [[nodiscard]] Diagnosis withoutClient() const
    {
        const QString remedy =
            u"The sender must delete the subscription: its pushes are answered with 410. The "
            "browser or app gets a new one when it subscribes again."_s;
        if (const Event *end = newest(
                { EventKind::ClientExpired, EventKind::ClientReset, EventKind::ClientPurged })) {
            return { Verdict::Problem, endOfClient(*end), remedy, {} };
        }
        return { Verdict::Problem,
                 u"This server has no client %1. It was removed %2, or the database is not the one "
                 "in which the client was registered."_s.arg(client(), beforeHistory()),
                 remedy,
                 {} };
    }

    [[nodiscard]] QString endOfClient(const Event &end) const
    {
        switch (end.kind) {
        case EventKind::ClientExpired:
            return u"The client %1 was removed %2 because it had not connected for the whole of "
                   "storage.client_lifetime."_s.arg(client(), at(end.time));
        case EventKind::ClientReset:
            return u"The client %1 was reset %2 because more messages were stored for it than "
                   "storage.max_messages allows."_s.arg(client(), at(end.time));
        default:
            return u"An administrator removed the client %1 %2."_s.arg(client(), at(end.time));
        }
    }

    [[nodiscard]] Diagnosis withoutChannel() const
    {
        const QString remedy =
            u"The sender must delete the subscription: its pushes are answered with 410. The page "
            "or app must subscribe again."_s;
        const Event *end = newest({ EventKind::ChannelUnregistered, EventKind::ChannelPurged });
        if (!end) {
            return { Verdict::Problem,
                     u"The client %1 exists, but it no longer has this subscription. It was "
                     "removed %2."_s.arg(client(), beforeHistory()),
                     remedy,
                     {} };
        }
        if (end->kind == EventKind::ChannelPurged)
            return { Verdict::Problem,
                     u"An administrator removed this subscription %1."_s.arg(at(end->time)),
                     remedy,
                     {} };
        return { Verdict::Problem,
                 u"The client removed this subscription %1: %2."_s.arg(
                     at(end->time), unregisterReason(end->code.value_or(200))),
                 remedy,
                 {} };
    }

    [[nodiscard]] static QString unregisterReason(int code)
    {
        switch (code) {
        case 0: // none was given
        case 200:
            return u"the page or its user unsubscribed"_s;
        case 201:
            return u"the site had used up its quota of pushes that show nothing"_s;
        case 202:
            return u"its user withdrew the permission for notifications"_s;
        default:
            return u"its reason has the code %1"_s.arg(code);
        }
    }

    [[nodiscard]] Diagnosis ofForgottenMessage() const
    {
        return { Verdict::Unknown,
                 u"The message is not stored, and the history does not know it. It was delivered, "
                 "withdrawn or has expired %1."_s.arg(beforeHistory()),
                 u"Keep a longer history: history.events, or history.path for a file."_s,
                 {} };
    }

    [[nodiscard]] Diagnosis withoutPush() const
    {
        const QString subject = m_findings.subject == Findings::Subject::Client
            ? u"The client %1 exists"_s.arg(client())
            : u"The subscription exists"_s;
        return { Verdict::Unknown,
                 u"%1, but no push for it has arrived %2. %3"_s.arg(subject, sinceHistory(),
                                                                    connection()),
                 u"Look at the sender: does it use exactly this endpoint, and what answer does it "
                 "get? A push whose URL is damaged is refused before its client is known; "
                 "carillon events --follow shows pushes as they arrive."_s,
                 {} };
    }

    [[nodiscard]] Diagnosis ofBridge() const
    {
        return { Verdict::Unknown,
                 u"The client %1 is reached by the bridge \"%2\", not by a connection to this "
                 "server."_s.arg(client(), ascii(m_findings.client->summary.record.routerType)),
                 {},
                 {} };
    }

    // One message.

    [[nodiscard]] Diagnosis ofMessage(const MessageFate &fate) const
    {
        switch (fate.state) {
        case State::Refused:
            return refused(fate);
        case State::Accepted:
            return { Verdict::Unknown,
                     u"%1 was accepted %2. What became of it is not known: it is not stored, and "
                     "the history does not tell how it ended."_s.arg(message(), at(fate.received)),
                     {},
                     {} };
        case State::Waiting:
            return waiting(fate);
        case State::InFlight:
            return inFlight(fate);
        case State::Nacked:
            return { Verdict::Problem,
                     u"The client refused %1 %2: %3. It stays stored and is sent again on the next "
                     "connection."_s.arg(message(u"the"_s), at(fate.since),
                                         nackReason(fate.code.value_or(0))),
                     u"Look at the console of the page's service worker in the browser."_s,
                     {} };
        case State::Delivered:
            return { Verdict::Ok,
                     u"%1 was delivered: the client acknowledged it %2, %3 after it was "
                     "received."_s.arg(message(), at(fate.since),
                                       durationText(between(fate.received, fate.since))),
                     {},
                     {} };
        case State::NotDecrypted:
            return { Verdict::Problem,
                     u"The client received %1 %2 and could not decrypt it (code 101)."_s.arg(
                         message(u"the"_s), at(fate.since)),
                     u"The sender encrypted it for other keys than those of the subscription. It "
                     "must use p256dh and auth exactly as the page's PushSubscription has them; "
                     "else have the page subscribe again."_s,
                     {} };
        case State::NotDelivered:
            return { Verdict::Problem,
                     u"The client received %1 %2 and did not deliver it to its app (code "
                     "102)."_s.arg(message(u"the"_s), at(fate.since)),
                     u"Look at the browser's console: the service worker may be missing, have "
                     "failed or have taken too long."_s,
                     {} };
        case State::Expired:
            return expired(fate);
        case State::Replaced:
            return replaced(fate);
        case State::TtlZero:
            return { Verdict::Problem,
                     u"%1 had TTL 0, and the client was not ready to receive it %2. So it was "
                     "dropped. %3"_s.arg(message(), at(fate.received), connection()),
                     u"Send it with a TTL greater than 0 to have it kept until the client "
                     "connects."_s,
                     {} };
        case State::Overflowed:
            return { Verdict::Problem,
                     u"%1 was dropped %2 to make room for newer ones: the client's queue was "
                     "full. %3"_s.arg(message(), at(fate.since), connection()),
                     u"Raise storage.max_messages or storage.max_bytes, send less, or send with a "
                     "Topic so that newer messages replace older ones."_s,
                     {} };
        case State::Cancelled:
            return { Verdict::Problem,
                     u"The sender withdrew %1 %2 (DELETE)."_s.arg(message(u"the"_s),
                                                                  at(fate.since)),
                     {},
                     {} };
        case State::Purged:
            return { Verdict::Problem,
                     u"An administrator deleted %1 %2."_s.arg(message(u"the"_s), at(fate.since)),
                     u"carillon audit shows who did."_s,
                     {} };
        case State::Unregistered:
            return { Verdict::Problem,
                     u"%1 was removed with its subscription %2, before it was delivered: %3."_s.arg(
                         message(), at(fate.since), unregisterReason(fate.code.value_or(200))),
                     u"The sender must delete the subscription."_s,
                     {} };
        case State::ClientGone:
            return { Verdict::Problem,
                     u"%1 was removed with its client %2, before it was delivered."_s.arg(
                         message(), at(fate.since)),
                     u"The sender must delete the subscription."_s,
                     {} };
        case State::ClientReset:
            return { Verdict::Problem,
                     u"%1 was removed %2 when the client was reset, because more messages were "
                     "stored for it than storage.max_messages allows."_s.arg(message(),
                                                                             at(fate.since)),
                     u"Raise storage.max_messages, or set storage.on_full to refuse or "
                     "drop-oldest."_s,
                     {} };
        }
        Q_UNREACHABLE();
    }

    [[nodiscard]] Diagnosis refused(const MessageFate &fate) const
    {
        const ErrorCode why = fate.error.value_or(ErrorCode::Internal);
        QString cause = fate.reason.isEmpty() ? plain(errorMessage(why)) + u'.'
                                              : QString::fromUtf8(fate.reason) + u'.';
        if (fate.detail == EventDetail::SenderBlocked)
            cause = u"An administrator has blocked the sender."_s;
        cause[0] = cause[0].toUpper();
        return { Verdict::Problem,
                 u"The newest push was refused with %1 %2 %3. %4"_s.arg(
                     QString::number(httpStatus(why)), ascii(errorName(why)), at(fate.received),
                     cause),
                 plain(errorAdvice(why)),
                 {} };
    }

    [[nodiscard]] Diagnosis waiting(const MessageFate &fate) const
    {
        const auto age = between(fate.since, m_findings.now);
        const QString kept =
            fate.expires ? u"It is kept until %1."_s.arg(clockTime(*fate.expires)) : QString();
        if (!m_findings.live) {
            return { Verdict::Waiting,
                     u"%1 has been waiting since %2. %3 %4"_s.arg(
                         message(), clockTime(fate.received), connection(), kept),
                     isConnectedElsewhere()
                         ? QString()
                         : u"Nothing to do: it is delivered when the client connects."_s,
                     {} };
        }
        if (age < UsualAck)
            return { Verdict::Waiting,
                     u"%1 was stored %2 ago and is about to be sent. %3"_s.arg(
                         message(), durationText(age), connection()),
                     {},
                     {} };
        return { Verdict::Problem,
                 u"%1 has been waiting since %2 although the client is connected: %3."_s.arg(
                     message(), clockTime(fate.received),
                     m_findings.live->inFlight > 0
                         ? u"the client has not acknowledged %1 sent before it"_s.arg(
                             counted(m_findings.live->inFlight, u"message"_s))
                         : u"the client accepts only messages of a higher urgency, or has not "
                           "asked for its messages yet"_s),
                 u"Have the client read its queue again: carillon check %1; or close its "
                 "connection, so that it connects anew: carillon disconnect %1."_s.arg(
                     ascii(toHex(m_findings.uaid))),
                 {} };
    }

    [[nodiscard]] Diagnosis inFlight(const MessageFate &fate) const
    {
        const auto age = between(fate.since, m_findings.now);
        const QString sent = u"%1 was sent to the client %2 ago, and the client has not "
                             "acknowledged it yet."_s.arg(message(), durationText(age));
        if (age < UsualAck)
            return { Verdict::Waiting, sent, {}, {} };
        return { Verdict::Problem,
                 sent + u" The client seems to hang, or its network is gone without a sign."_s,
                 u"If it does not answer, the server closes the connection after its next ping, "
                 "and the message is sent again on the next one. To do so now: carillon disconnect "
                 "%1."_s.arg(ascii(toHex(m_findings.uaid))),
                 {} };
    }

    [[nodiscard]] Diagnosis expired(const MessageFate &fate) const
    {
        const QString ttl =
            fate.ttl ? u" after its TTL of %1"_s.arg(durationText(*fate.ttl)) : QString();
        return { Verdict::Problem,
                 u"%1 expired %2%3%4. %5"_s.arg(
                     message(), at(fate.since), ttl,
                     fate.attempts > 0 ? u"; it was sent, but the client did not acknowledge it"_s
                                       : u", before the client connected"_s,
                     connection()),
                 u"Send with a greater TTL; endpoint.max_notification_ttl is the limit."_s,
                 {} };
    }

    [[nodiscard]] Diagnosis replaced(const MessageFate &fate) const
    {
        const QString text = u"%1 was replaced %2 by a newer one of the same topic, as its sender "
                             "wished."_s.arg(message(), at(fate.since));
        const auto newer = std::ranges::find_if(m_all, [&fate](const MessageFate &other) {
            return other.sortKey && fate.by && *other.sortKey == *fate.by;
        });
        // Keys increase, so this comes to an end.
        if (newer == m_all.end() || *newer->sortKey <= *fate.sortKey)
            return { Verdict::Unknown, text, {}, {} };
        Diagnosis diagnosis = ofMessage(*newer);
        diagnosis.summary = text + u" Of the newer one: "_s + diagnosis.summary;
        return diagnosis;
    }

    [[nodiscard]] static QString nackReason(int code)
    {
        switch (code) {
        case 301:
            return u"its service worker failed with an exception (code 301)"_s;
        case 302:
            return u"its service worker was aborted (code 302)"_s;
        default:
            return u"it gave the code %1"_s.arg(code);
        }
    }

    // Parts of sentences.

    [[nodiscard]] QString message(const QString &article = u"The"_s) const
    {
        return m_findings.subject == Findings::Subject::Message ? article + u" message"_s
                                                                : article + u" newest message"_s;
    }

    [[nodiscard]] QString client() const { return ascii(shortened(m_findings.uaid)); }

    [[nodiscard]] QString clockTime(Time time) const { return clockText(time, m_findings.now); }
    [[nodiscard]] QString at(Time time) const { return u"at "_s + clockTime(time); }

    [[nodiscard]] QString beforeHistory() const
    {
        if (!m_findings.hasHistory)
            return u"at a time that is not known (history.events is 0)"_s;
        return m_findings.historyBegins
            ? u"before %1, when the history begins"_s.arg(clockTime(*m_findings.historyBegins))
            : u"before the history begins"_s;
    }
    [[nodiscard]] QString sinceHistory() const
    {
        if (!m_findings.hasHistory)
            return u"as far as is known (history.events is 0)"_s;
        return m_findings.historyBegins
            ? u"since %1, when the history begins"_s.arg(clockTime(*m_findings.historyBegins))
            : u"since the server started"_s;
    }

    [[nodiscard]] bool isConnectedElsewhere() const
    {
        return m_findings.client && !m_findings.live
            && !m_findings.client->summary.record.node.isEmpty()
            && m_findings.client->summary.record.node != m_findings.node;
    }

    /// Whether the client is connected, as a sentence.
    [[nodiscard]] QString connection() const
    {
        if (m_findings.live)
            return u"The client has been connected since %1."_s.arg(
                clockTime(m_findings.live->since));
        if (!m_findings.client)
            return {};
        const ClientRecord &record = m_findings.client->summary.record;
        if (isConnectedElsewhere())
            return u"The client is connected to %1."_s.arg(ascii(record.node.url()));
        const Event *left = newest({ EventKind::ClientDisconnected });
        const Time gone = left ? left->time : record.lastSeen;
        return u"The client has been offline since %1 (%2)."_s.arg(
            clockTime(gone), durationText(between(gone, m_findings.now)));
    }

    [[nodiscard]] const ChannelDetails *channel() const
    {
        const auto &channels = m_findings.client->channels;
        const auto found = std::ranges::find(channels, m_findings.channelId.value_or(ChannelId()),
                                             &ChannelDetails::id);
        return found == channels.end() ? nullptr : &*found;
    }

    /// The newest event of one of these kinds that concerns the client or the channel in question.
    [[nodiscard]] const Event *newest(std::initializer_list<EventKind> kinds) const
    {
        const auto found = std::ranges::find_if(
            m_findings.events.rbegin(), m_findings.events.rend(), [&](const Event &event) {
                return std::ranges::find(kinds, event.kind) != kinds.end()
                    && (!event.channelId || event.channelId == m_findings.channelId);
            });
        return found == m_findings.events.rend() ? nullptr : &*found;
    }

    const Findings &m_findings;
    /// Of the client; and those that were asked for.
    std::vector<MessageFate> m_all;
    std::vector<MessageFate> m_fates;
};

} // namespace

QByteArrayView verdictName(Diagnosis::Verdict verdict)
{
    switch (verdict) {
    case Verdict::Ok:
        return "ok";
    case Verdict::Waiting:
        return "waiting";
    case Verdict::Problem:
        return "problem";
    case Verdict::Unknown:
        return "unknown";
    }
    Q_UNREACHABLE();
}

Diagnosis diagnose(const Findings &findings)
{
    return Judge(findings).judge();
}

} // namespace Carillon
