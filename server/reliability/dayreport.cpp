// SPDX-License-Identifier: MPL-2.0
#include "server/reliability/dayreport.h"

#include <memory>
#include <utility>

namespace Carillon {
namespace {

struct Reading
{
    ReliabilityStore &store;
    QDate date;
    Completion<ReliabilityReport> done;
    ReportBuilder builder {};
};

void readFrom(std::unique_ptr<Reading> reading, std::optional<TimelineCursor> after)
{
    ReliabilityStore &store = reading->store;
    const TimelineQuery query { .from = beginOf(reading->date),
                                .to = beginOf(reading->date.addDays(1)),
                                .after = after };
    store.findTimelines(query,
                        [reading = std::move(reading)](const Result<TimelinePage> &page) mutable {
                            if (!page) {
                                reading->done(Unexpected(page.error()));
                                return;
                            }
                            for (const Timeline &timeline : page->timelines)
                                reading->builder.add(timeline);
                            if (page->next)
                                readFrom(std::move(reading), page->next);
                            else
                                reading->done(reading->builder.report(reading->date));
                        });
}

} // namespace

void makeDayReport(ReliabilityStore &store, QDate date, Completion<ReliabilityReport> done)
{
    readFrom(std::make_unique<Reading>(Reading { store, date, std::move(done) }), {});
}

} // namespace Carillon
