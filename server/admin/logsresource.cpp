// SPDX-License-Identifier: MPL-2.0
#include "server/admin/logsresource.h"

#include "server/admin/admintime.h"
#include "server/logging/loglevels.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

AdminSchema levelType()
{
    return AdminTypes::choice({ u"debug"_s, u"info"_s, u"warning"_s, u"error"_s });
}

AdminSchema recordSchema()
{
    using namespace AdminTypes;
    return object({
        { u"id"_s, integer(1), u"Increases from record to record"_s, true },
        { u"time"_s, time(), {}, true },
        { u"level"_s, levelType(), {}, true },
        { u"category"_s, text(), {}, true },
        { u"message"_s, text(8192), {}, true },
        { u"fields"_s, map(any()), u"Values that the message has, too"_s },
    });
}

AdminPage pageOf(const std::vector<LogRecord> &records, std::size_t limit)
{
    AdminPage page;
    for (const LogRecord &record : records) {
        if (std::cmp_equal(page.items.size(), limit)) {
            page.last = QJsonArray { page.items.last().toObject().value(u"id"_s) };
            break;
        }
        page.items.append(toJson(record));
    }
    return page;
}

QJsonObject levelsJson(const LogLevels &levels)
{
    QJsonArray items;
    for (const LogLevels::Category &each : levels.all())
        items.append(QJsonObject { { u"category"_s, QString::fromLatin1(each.name) },
                                   { u"level"_s, QString::fromLatin1(levelName(each.level)) },
                                   { u"changed"_s, each.isChanged } });
    return QJsonObject { { u"items"_s, items } };
}

AdminSchema levelsSchema()
{
    using namespace AdminTypes;
    return object({ { u"items"_s,
                      list(object({ { u"category"_s, text(), {}, true },
                                    { u"level"_s, levelType(), {}, true },
                                    { u"changed"_s, boolean(),
                                      u"Whether it was changed while the server runs"_s, true } })),
                      {},
                      true } });
}

void addLevels(AdminApi &api, LogLevels &levels)
{
    api.add({ .method = "GET",
              .path = "/logs/levels",
              .operation = u"listLogLevels"_s,
              .summary = u"lists the level of each log category"_s,
              .answer = levelsSchema(),
              .handler = [&levels](const AdminRequest &, const AdminResponder &responder) {
                  responder.send(levelsJson(levels));
              } });
    api.add(
        { .method = "PUT",
          .path = "/logs/levels",
          .operation = u"setLogLevel"_s,
          .summary = u"changes the level of log categories until the next reload"_s,
          .role = AdminRole::Operator,
          .body = { { u"category"_s, AdminTypes::text(64, 1),
                      u"Such as carillon.net, or carillon.* for all"_s, true },
                    { u"level"_s, levelType(), {}, true } },
          .answer = levelsSchema(),
          .problems = { ProblemType::NotFound },
          .handler = [&levels](const AdminRequest &request, const AdminResponder &responder) {
              const QString category = request.body.value(u"category"_s).toString();
              const auto level = levelNamed(request.body.value(u"level"_s).toString().toLatin1());
              if (!levels.set(category.toUtf8(), *level))
                  responder.fail(ProblemType::NotFound, u"There is no such log category."_s);
              else
                  responder.send(AdminAnswer { .body = levelsJson(levels), .target = category });
          } });
    api.add({ .method = "DELETE",
              .path = "/logs/levels",
              .operation = u"resetLogLevels"_s,
              .summary = u"sets all levels as the settings say"_s,
              .role = AdminRole::Operator,
              .answer = levelsSchema(),
              .handler = [&levels](const AdminRequest &, const AdminResponder &responder) {
                  levels.reset();
                  responder.send(levelsJson(levels));
              } });
}

} // namespace

std::vector<AdminField> logFilters()
{
    using namespace AdminTypes;
    return { { u"level"_s, levelType(), u"Only records of this level and above"_s },
             { u"category"_s, text(64, 1),
               u"Only records of this category; * stands for any text"_s },
             { u"text"_s, text(256, 1), u"Only records whose message contains this"_s } };
}

LogQuery logQuery(const QJsonObject &filters)
{
    const auto text = [&filters](const QString &name) { return filters.value(name).toString(); };
    LogQuery query;
    query.level = levelNamed(text(u"level"_s).toLatin1()).value_or(LogLevel::Debug);
    query.category = text(u"category"_s).toUtf8();
    query.text = text(u"text"_s).toUtf8();
    if (filters.contains(u"since"_s))
        query.since = timeFromText(text(u"since"_s));
    return query;
}

void addLogs(AdminApi &api, const LogRing &ring, LogLevels &levels)
{
    using namespace AdminTypes;
    std::vector<AdminField> filters = logFilters();
    filters.push_back({ u"since"_s, time(), u"Only records of this time and later"_s });
    const auto handler = [&ring](const AdminRequest &request, const AdminResponder &responder) {
        const PageRequest &page = request.page;
        LogQuery query = logQuery(request.query);
        query.limit = static_cast<std::size_t>(page.limit) + 1;
        query.order = page.reverse ? LogQuery::Order::OldestFirst : LogQuery::Order::NewestFirst;
        std::optional<std::uint64_t> &bound = page.reverse ? query.after : query.before;
        if (page.after)
            bound = static_cast<std::uint64_t>(page.after->first().toInteger());
        else if (page.seek)
            bound = static_cast<std::uint64_t>(page.seek->toInteger() + (page.reverse ? -1 : 1));
        responder.send(pageOf(ring.find(query), query.limit - 1));
    };
    api.add(
        { .method = "GET",
          .path = "/logs",
          .operation = u"listLogs"_s,
          .summary = u"lists the newest records of the log, which are kept in memory"_s,
          .parameters = filters,
          .list = AdminList { .item = recordSchema(), .sorts = { { u"id"_s, { integer(1) } } } },
          .handler = handler });
    addLevels(api, levels);
}

} // namespace Carillon
