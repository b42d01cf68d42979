// SPDX-License-Identifier: MPL-2.0
#include "server/admin/browsing.h"
#include "server/admin/browsingjson.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Counts with their upper bounds; the last one has none.
template<typename Bounds, typename Number>
QJsonArray histogramJson(const QueueSurvey::Histogram &histogram, const Bounds &bounds,
                         Number number)
{
    QJsonArray json;
    for (std::size_t i = 0; i < histogram.size(); ++i) {
        const QJsonValue bound =
            i < bounds.size() ? QJsonValue(qint64 { number(bounds[i]) }) : QJsonValue::Null;
        json.append(QJsonObject { { u"up_to"_s, bound }, { u"count"_s, qint64 { histogram[i] } } });
    }
    return json;
}

/// Empty where nothing is known yet.
QJsonObject surveyJson(const std::optional<QueueSurvey> &found, const ApiTime &time)
{
    const QueueSurvey survey = found.value_or(QueueSurvey());
    const auto same = [](std::int64_t bound) { return bound; };
    const auto seconds = [](std::chrono::seconds bound) { return std::int64_t { bound.count() }; };
    QJsonObject urgencies;
    for (const Urgency urgency : { Urgency::VeryLow, Urgency::Low, Urgency::Normal, Urgency::High })
        urgencies.insert(QString::fromLatin1(urgencyName(urgency)),
                         qint64 { survey.byUrgency[static_cast<std::size_t>(urgency)] });
    QJsonArray deepest;
    for (const QueueSurvey::Queue &queue : survey.deepest)
        deepest.append(QJsonObject { { u"uaid"_s, QString::fromLatin1(toHex(queue.uaid)) },
                                     { u"messages"_s, qint64 { queue.messages } },
                                     { u"bytes"_s, qint64 { queue.bytes } } });
    QJsonArray senders;
    for (const QueueSurvey::Sender &sender : survey.senders)
        senders.append(
            QJsonObject { { u"key"_s,
                            sender.keyHash.isEmpty() ? QJsonValue(QJsonValue::Null)
                                                     : QJsonValue(hexText(sender.keyHash)) },
                          { u"messages"_s, qint64 { sender.messages } },
                          { u"bytes"_s, qint64 { sender.bytes } } });
    return {
        { u"surveyed"_s,
          found ? QJsonValue(time.text(survey.ended)) : QJsonValue(QJsonValue::Null) },
        { u"clients_with_messages"_s, qint64 { survey.clientsWithMessages } },
        { u"waiting"_s, qint64 { survey.messages } },
        { u"bytes"_s, qint64 { survey.bytes } },
        { u"with_topic"_s, qint64 { survey.withTopic } },
        { u"tracked"_s, qint64 { survey.tracked } },
        { u"oldest"_s,
          survey.oldest ? QJsonValue(time.text(*survey.oldest)) : QJsonValue(QJsonValue::Null) },
        { u"urgencies"_s, urgencies },
        { u"ages"_s, histogramJson(survey.ages, QueueSurvey::AgeBounds, seconds) },
        { u"sizes"_s, histogramJson(survey.sizes, QueueSurvey::SizeBounds, same) },
        { u"depths"_s, histogramJson(survey.depths, QueueSurvey::DepthBounds, same) },
        { u"deepest"_s, deepest },
        { u"senders"_s, senders },
    };
}

std::vector<AdminField> queueFields()
{
    using namespace AdminTypes;
    const AdminSchema histogram = list(object({
        { u"up_to"_s, orNull(integer()), u"null: without bound"_s, true },
        { u"count"_s, integer(), {}, true },
    }));
    return {
        { u"clients"_s, integer(), {}, true },
        { u"channels"_s, integer(), u"Subscriptions"_s, true },
        { u"messages"_s, integer(), u"Expired ones that are not removed yet included"_s, true },
        { u"surveyed"_s, orNull(time()),
          u"When the rows were counted for what follows: in the background, while somebody asks. "
          "null: the first count is still being made"_s,
          true },
        { u"clients_with_messages"_s, integer(), {}, true },
        { u"waiting"_s, integer(), u"Messages that have not expired"_s, true },
        { u"bytes"_s, integer(), {}, true },
        { u"with_topic"_s, integer(), {}, true },
        { u"tracked"_s, integer(), {}, true },
        { u"urgencies"_s, map(integer()), {}, true },
        { u"oldest"_s, orNull(time()), u"When the oldest message was accepted"_s, true },
        { u"ages"_s, histogram, u"Messages by age in seconds"_s, true },
        { u"sizes"_s, histogram, u"Messages by size in bytes"_s, true },
        { u"depths"_s, histogram, u"Clients by number of stored messages"_s, true },
        { u"deepest"_s,
          list(object({ { u"uaid"_s, uuid(), {}, true },
                        { u"messages"_s, integer(), {}, true },
                        { u"bytes"_s, integer(), {}, true } })),
          u"The 50 clients with the most stored messages"_s, true },
        { u"senders"_s,
          list(object({ { u"key"_s, orNull(pattern(u"[0-9a-f]{64}"_s)), {}, true },
                        { u"messages"_s, integer(), {}, true },
                        { u"bytes"_s, integer(), {}, true } })),
          u"The 50 senders with the most stored messages"_s, true },
    };
}

} // namespace

void addQueues(AdminApi &api, const Browsing &with)
{
    using namespace AdminTypes;
    api.add({ .method = "GET",
              .path = "/queues",
              .operation = u"getQueues"_s,
              .summary = u"returns figures of everything that is stored"_s,
              .answer = object(queueFields()),
              .problems = { ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &, const AdminResponder &responder) {
                  with.browser.overview(
                      with.here<QueueOverview>([&with, responder](Result<QueueOverview> overview) {
                          if (!overview) {
                              responder.fail(problemOf(overview.error()));
                              return;
                          }
                          const ApiTime time(with.clock);
                          QJsonObject json = surveyJson(overview->survey, time);
                          json.insert(u"clients"_s, qint64 { overview->clients });
                          json.insert(u"channels"_s, qint64 { overview->channels });
                          json.insert(u"messages"_s, qint64 { overview->messages });
                          responder.send(std::move(json));
                      }));
              } });
}

} // namespace Carillon
