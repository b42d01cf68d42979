// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/reliability/reliabilityreport.h"
#include "core/storage/reliabilitystore.h"

namespace Carillon {

/// Makes the report of a day from the timelines of a store, a page at a time. The store completes
/// all that it is asked before it ends. Thread: any.
void makeDayReport(ReliabilityStore &store, QDate date, Completion<ReliabilityReport> done);

} // namespace Carillon
