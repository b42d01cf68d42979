// SPDX-License-Identifier: MPL-2.0
#include "server/admin/livesubscription.h"

#include "server/admin/historyresource.h"
#include "server/admin/logsresource.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString Subscribe = u"subscribe"_s;
const QString Events = u"events"_s;
const QString Logs = u"logs"_s;

Problem badMember(const QString &member, const QString &detail)
{
    Problem problem(ProblemType::InvalidBody, detail);
    problem.parameter = member;
    return problem;
}

/// The filters of a topic, if they are what its fields say.
Result<QJsonObject, Problem> filtersOf(const QJsonObject &message, const QString &topic,
                                       const std::vector<AdminField> &fields)
{
    const QJsonValue value = message.value(topic);
    if (value.isUndefined())
        return QJsonObject();
    if (!value.isObject())
        return Unexpected(badMember(topic, u"%1 is not an object."_s.arg(topic)));
    const QJsonObject filters = value.toObject();
    for (auto filter = filters.begin(); filter != filters.end(); ++filter) {
        const auto field = std::ranges::find(fields, filter.key(), &AdminField::name);
        if (field == fields.end())
            return Unexpected(
                badMember(filter.key(), u"%1 is not a filter of %2."_s.arg(filter.key(), topic)));
        if (const auto checked = checkValue(field->schema, filter.value()); !checked)
            return Unexpected(
                badMember(filter.key(), u"%1 %2."_s.arg(filter.key(), checked.error())));
    }
    return filters;
}

} // namespace

Result<LiveSubscription, Problem> LiveSubscription::parse(QByteArrayView text)
{
    const QJsonDocument document = QJsonDocument::fromJson(text.toByteArray());
    if (!document.isObject())
        return Unexpected(badMember({}, u"The message is not a JSON object."_s));
    const QJsonObject message = document.object();
    for (const QString &member : message.keys()) {
        if (!QStringList { Subscribe, Events, Logs }.contains(member))
            return Unexpected(
                badMember(member, u"%1 is not a member of a subscription."_s.arg(member)));
    }
    if (!message.value(Subscribe).isArray())
        return Unexpected(badMember(Subscribe, u"subscribe is missing, or is not an array."_s));
    LiveSubscription wanted;
    for (const QJsonValue topic : message.value(Subscribe).toArray()) {
        if (topic == u"stats"_s) {
            wanted.stats = true;
        } else if (topic == Events) {
            CARILLON_TRY(const QJsonObject filters, filtersOf(message, Events, eventFilters()));
            CARILLON_TRY(wanted.events, eventQuery(filters, nullptr));
        } else if (topic == Logs) {
            CARILLON_TRY(const QJsonObject filters, filtersOf(message, Logs, logFilters()));
            wanted.logs = logQuery(filters);
        } else {
            return Unexpected(
                badMember(Subscribe, u"The topics are \"stats\", \"events\" and \"logs\"."_s));
        }
    }
    return wanted;
}

} // namespace Carillon
