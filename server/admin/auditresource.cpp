// SPDX-License-Identifier: MPL-2.0
#include "server/admin/auditresource.h"

#include "server/admin/admintime.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QJsonObject toJson(const AuditRecord &record)
{
    return { { u"id"_s, qint64 { record.id } }, { u"time"_s, timeText(record.time) },
             { u"who"_s, record.who },          { u"action"_s, record.action },
             { u"target"_s, record.target },    { u"result"_s, record.result },
             { u"detail"_s, record.detail } };
}

/// One more than the page has tells whether there is another page.
AuditQuery queryOf(const AdminRequest &request)
{
    const PageRequest &page = request.page;
    AuditQuery query { .forward = page.reverse,
                       .limit = page.limit + 1,
                       .who = request.text(u"who"_s),
                       .action = request.text(u"action"_s) };
    if (page.after)
        query.beyond = page.after->first().toInteger();
    else if (page.seek)
        query.beyond = page.seek->toInteger() + (page.reverse ? -1 : 1);
    if (request.has(u"since"_s))
        query.since = timeFromText(request.text(u"since"_s));
    if (request.has(u"until"_s))
        query.until = timeFromText(request.text(u"until"_s));
    return query;
}

AdminPage pageOf(const std::vector<AuditRecord> &records, int limit)
{
    AdminPage page;
    for (const AuditRecord &record : records) {
        if (page.items.size() == limit) {
            page.last = QJsonArray { page.items.last().toObject().value(u"id"_s) };
            break;
        }
        page.items.append(toJson(record));
    }
    return page;
}

} // namespace

void addAudit(AdminApi &api, AdminStore &store)
{
    using namespace AdminTypes;
    const AdminSchema item = object({
        { u"id"_s, integer(1), u"Increases from record to record"_s, true },
        { u"time"_s, time(), {}, true },
        { u"who"_s, text(), u"A user of the machine, or token:NAME"_s, true },
        { u"action"_s, text(), u"The operationId of what was called"_s, true },
        { u"target"_s, text(1024), u"What it was to act on"_s, true },
        { u"result"_s, text(), u"ok, or the name of the problem"_s, true },
        { u"detail"_s, text(4096), u"Of the problem"_s, true },
    });
    api.add({ .method = "GET",
              .path = "/audit",
              .operation = u"listAudit"_s,
              .summary = u"lists the actions that were called over this API, the newest first"_s,
              .parameters = { { u"who"_s, text(128, 1), u"Only actions of this caller"_s },
                              { u"action"_s, text(64, 1), u"Only actions of this name"_s },
                              { u"since"_s, time(), u"Only actions of this time and later"_s },
                              { u"until"_s, time(), u"Only actions before this time"_s } },
              .list = AdminList { .item = item, .sorts = { { u"id"_s, { integer(1) } } } },
              .handler = [&store](const AdminRequest &request, const AdminResponder &responder) {
                  store.findRecords(queryOf(request),
                                    [limit = request.page.limit,
                                     responder](const Result<std::vector<AuditRecord>> &records) {
                                        if (records)
                                            responder.send(pageOf(*records, limit));
                                        else
                                            responder.fail(ProblemType::Unavailable,
                                                           u"Storage does not answer."_s);
                                    });
              } });
}

} // namespace Carillon
