// SPDX-License-Identifier: MPL-2.0
#include "server/admin/reliabilityresource.h"

#include "server/admin/admintime.h"
#include "server/reliability/dayreport.h"
#include "server/reliability/stepcounts.h"

#include <QJsonArray>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QString stateText(MessageState state)
{
    return QString::fromLatin1(stateName(state));
}

MessageState stateAt(int index)
{
    return static_cast<MessageState>(index);
}

QStringList stateNames()
{
    QStringList names;
    for (int i = 0; i < MessageStateCount; ++i)
        names << stateText(stateAt(i));
    return names;
}

QJsonObject flowJson(const StateCounts &tracked, const StepCounts &counts)
{
    QJsonObject present;
    QJsonObject reached;
    QJsonArray steps;
    for (int i = 0; i < MessageStateCount; ++i) {
        const MessageState from = stateAt(i);
        present.insert(stateText(from), qint64 { tracked[toIndex(from)] });
        reached.insert(stateText(from), qint64 { counts.value(from) });
        for (int j = 0; j < MessageStateCount; ++j) {
            const Transition step { from, stateAt(j) };
            if (const std::int64_t count = counts.value(step); count != 0)
                steps.append(QJsonObject { { u"from"_s, stateText(step.from) },
                                           { u"to"_s, stateText(step.to) },
                                           { u"count"_s, qint64 { count } } });
        }
    }
    return { { u"tracked"_s, present }, { u"reached"_s, reached }, { u"transitions"_s, steps } };
}

QJsonObject timelineJson(const Timeline &timeline)
{
    QJsonArray milestones;
    for (const Milestone &milestone : timeline.milestones)
        milestones.append(
            QJsonObject { { u"state"_s, stateText(milestone.state) },
                          { u"at"_s, timeText(WallTime(milestone.at.time_since_epoch())) } });
    return { { u"id"_s, QString::fromLatin1(timeline.id) },
             { u"state"_s, stateText(timeline.state) },
             { u"final"_s, isTerminal(timeline.state) },
             { u"milestones"_s, milestones } };
}

AdminSchema reportSchema()
{
    using namespace AdminTypes;
    const AdminSchema times = object({ { u"shortest"_s, number(), {}, true },
                                       { u"median"_s, number(), {}, true },
                                       { u"p95"_s, number(), {}, true },
                                       { u"longest"_s, number(), {}, true } });
    const AdminSchema milestone =
        object({ { u"state"_s, choice(stateNames()), {}, true },
                 { u"count"_s, integer(), {}, true },
                 { u"total_seconds"_s, number(), u"Since the milestone before"_s, true },
                 { u"mean_seconds"_s, number(), {}, true },
                 { u"median_seconds"_s, number(), {}, true } });
    return object({
        { u"date"_s, text(), {}, true },
        { u"total"_s, integer(), u"Tracked messages that were received on this day"_s, true },
        { u"delivered"_s, integer(), {}, true },
        { u"expired"_s, integer(), {}, true },
        { u"errored"_s, integer(), {}, true },
        { u"open"_s, integer(), u"Messages that are in no terminal state"_s, true },
        { u"share_delivered"_s, orNull(number()), u"0 to 1; null: there are no messages"_s, true },
        { u"delivery_seconds"_s, orNull(times), u"null: none was delivered"_s, true },
        { u"states"_s, map(integer()), u"Messages by their present state"_s, true },
        { u"milestones"_s, list(milestone), {}, true },
    });
}

void addReport(AdminApi &api, ReliabilityStore &store, const Clock &clock)
{
    using namespace AdminTypes;
    api.add(
        { .method = "GET",
          .path = "/reliability/report",
          .operation = u"getReliabilityReport"_s,
          .summary = u"returns what became of the tracked messages of a day"_s,
          .parameters = { { u"date"_s, pattern(u"[0-9]{4}-[0-9]{2}-[0-9]{2}"_s),
                            u"The day (UTC) on which they were received; default: today"_s },
                          { u"format"_s, choice({ u"json"_s, u"md"_s }),
                            u"md: a document in Markdown"_s } },
          .answer = reportSchema(),
          .otherType = u"text/markdown"_s,
          .handler = [&store, &clock](const AdminRequest &request,
                                      const AdminResponder &responder) {
              const QDate date = request.has(u"date"_s)
                  ? QDate::fromString(request.text(u"date"_s), Qt::ISODate)
                  : dateOf(clock.now());
              if (!date.isValid()) {
                  responder.fail(ProblemType::InvalidParameter, u"date: there is no such day"_s);
                  return;
              }
              const bool isMarkdown = request.text(u"format"_s) == u"md"_s;
              makeDayReport(
                  store, date, [isMarkdown, responder](const Result<ReliabilityReport> &report) {
                      if (!report)
                          responder.fail(ProblemType::Unavailable, u"storage does not answer"_s);
                      else if (isMarkdown)
                          responder.send(
                              AdminAnswer { .body = {},
                                            .contentType = "text/markdown; charset=utf-8",
                                            .bytes = toMarkdown(*report) });
                      else
                          responder.send(toJson(*report));
                  });
          } });
}

void addTimeline(AdminApi &api, ReliabilityStore &store)
{
    using namespace AdminTypes;
    const AdminSchema milestone =
        object({ { u"state"_s, choice(stateNames()), {}, true }, { u"at"_s, time(), {}, true } });
    api.add({ .method = "GET",
              .path = "/reliability/{id}",
              .operation = u"getReliabilityTimeline"_s,
              .summary = u"returns the timeline of a tracked message"_s,
              .parameters = { { u"id"_s, pattern(u"[-._~:0-9A-Za-z]{1,64}"_s),
                                u"The message's reliability_id"_s } },
              .answer = object({ { u"id"_s, text(), {}, true },
                                 { u"state"_s, choice(stateNames()), {}, true },
                                 { u"final"_s, boolean(), u"Whether its way ends there"_s, true },
                                 { u"milestones"_s, list(milestone), {}, true } }),
              .problems = { ProblemType::NotFound },
              .handler = [&store](const AdminRequest &request, const AdminResponder &responder) {
                  store.findTimeline(request.text(u"id"_s).toLatin1(),
                                     [responder](const Result<std::optional<Timeline>> &timeline) {
                                         if (!timeline)
                                             responder.fail(ProblemType::Unavailable,
                                                            u"storage does not answer"_s);
                                         else if (!*timeline)
                                             responder.fail(ProblemType::NotFound,
                                                            u"no tracked message has this id"_s);
                                         else
                                             responder.send(timelineJson(**timeline));
                                     });
              } });
}

} // namespace

void addReliability(AdminApi &api, ReliabilityStore &store, const StepCounts &counts,
                    const Clock &clock)
{
    using namespace AdminTypes;
    const AdminSchema transition = object({ { u"from"_s, choice(stateNames()), {}, true },
                                            { u"to"_s, choice(stateNames()), {}, true },
                                            { u"count"_s, integer(), {}, true } });
    api.add({ .method = "GET",
              .path = "/reliability",
              .operation = u"getReliability"_s,
              .summary = u"returns how many messages are in each state, and how they got there"_s,
              .answer = object(
                  { { u"tracked"_s, map(integer()),
                      u"Tracked messages by their present state, in storage"_s, true },
                    { u"reached"_s, map(integer()),
                      u"All messages that reached a state since this process started"_s, true },
                    { u"transitions"_s, list(transition),
                      u"Steps of all messages since this process started"_s, true } }),
              .handler = [&store, &counts](const AdminRequest &, const AdminResponder &responder) {
                  store.countStates([&counts, responder](const Result<StateCounts> &tracked) {
                      if (tracked)
                          responder.send(flowJson(*tracked, counts));
                      else
                          responder.fail(ProblemType::Unavailable, u"storage does not answer"_s);
                  });
              } });
    addReport(api, store, clock);
    addTimeline(api, store);
}

} // namespace Carillon
