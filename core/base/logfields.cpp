// SPDX-License-Identifier: MPL-2.0
#include "core/base/logfields.h"

#include <utility>

namespace Carillon {
namespace {

// Qt passes a message handler only text.
thread_local const LogFields *currentFields = nullptr;

} // namespace

void logInfo(const QLoggingCategory &category, const QString &text, const LogFields &fields)
{
    currentFields = &fields;
    QMessageLogger(nullptr, 0, nullptr).info(category).noquote() << text;
    currentFields = nullptr;
}

const LogFields *takeFieldsOfThisLine()
{
    return std::exchange(currentFields, nullptr);
}

} // namespace Carillon
