// SPDX-License-Identifier: MPL-2.0
#include "server/admin/statsresource.h"

#include "server/admin/admintime.h"

namespace Carillon {

using namespace Qt::StringLiterals;

AdminSchema statsSchema()
{
    using namespace AdminTypes;
    std::vector<AdminField> rates;
    for (const Figure figure :
         { Figure::Connects, Figure::Pushes, Figure::Accepted, Figure::Delivered, Figure::Acked,
           Figure::Stored, Figure::Expired, Figure::Errors })
        rates.push_back({ figureName(figure), number(), {}, true });
    return object({
        { u"time"_s, time(), u"The end of the second that this is about"_s, true },
        { u"connections"_s, number(), u"Clients that are connected"_s, true },
        { u"rates"_s, object(rates), u"Per second"_s, true },
        { u"errors"_s, map(number()), u"Refused pushes per second, by the name of the error"_s,
          true },
        { u"storage"_s,
          object({ { u"queue"_s, number(), u"Writes and reads that wait"_s, true },
                   { u"bytes"_s, number(), u"Size of the database"_s, true } }),
          {},
          true },
        { u"process"_s,
          object({ { u"cpu"_s, number(), u"Percent of one core"_s, true },
                   { u"memory"_s, number(), u"Resident bytes"_s, true },
                   { u"descriptors"_s, number(), u"Open ones"_s, true } }),
          {},
          true },
    });
}

void addStats(AdminApi &api, const StatsSampler &stats)
{
    using namespace AdminTypes;
    api.add({ .method = "GET",
              .path = "/stats",
              .operation = u"getStats"_s,
              .summary = u"returns the figures of the last second"_s,
              .answer = statsSchema(),
              .handler = [&stats](const AdminRequest &, const AdminResponder &responder) {
                  responder.send(stats.now());
              } });
    AdminSchema step = integer(1, 60);
    step.insert(u"enum"_s, QJsonArray { 1, 60 });
    step.insert(u"default"_s, 1);
    std::vector<AdminField> series;
    series.reserve(FigureCount);
    for (int i = 0; i < FigureCount; ++i)
        series.push_back({ figureName(static_cast<Figure>(i)), list(number()), {}, true });
    api.add({ .method = "GET",
              .path = "/stats/history",
              .operation = u"getStatsHistory"_s,
              .summary = u"returns the figures of the past as series"_s,
              .parameters = { { u"step"_s, step,
                                u"1: each second of the last 15 minutes; 60: averages of each "
                                "minute of the last 48 hours"_s },
                              { u"from"_s, time(), u"Only points of this time and later"_s } },
              .answer = object({
                  { u"step"_s, integer(1, 60), u"Seconds between two points"_s, true },
                  { u"times"_s, list(time()), u"Of each point"_s, true },
                  { u"series"_s, object(series), u"The figures of each point"_s, true },
              }),
              .handler = [&stats](const AdminRequest &request, const AdminResponder &responder) {
                  std::optional<WallTime> from;
                  if (request.has(u"from"_s))
                      from = timeFromText(request.text(u"from"_s));
                  responder.send(stats.history(request.query.value(u"step"_s).toInt(1), from));
              } });
}

} // namespace Carillon
