// SPDX-License-Identifier: MPL-2.0
#include "core/base/log.h"

namespace Carillon {

Q_LOGGING_CATEGORY(lcApp, "carillon.app", QtInfoMsg)
Q_LOGGING_CATEGORY(lcNet, "carillon.net", QtInfoMsg)
Q_LOGGING_CATEGORY(lcEndpoint, "carillon.endpoint", QtInfoMsg)
Q_LOGGING_CATEGORY(lcConnect, "carillon.connect", QtInfoMsg)
Q_LOGGING_CATEGORY(lcRouting, "carillon.routing", QtInfoMsg)
Q_LOGGING_CATEGORY(lcStorage, "carillon.storage", QtInfoMsg)

QStringList logCategories()
{
    QStringList names;
    for (const auto category : { lcApp, lcNet, lcEndpoint, lcConnect, lcRouting, lcStorage })
        names << QString::fromLatin1(category().categoryName());
    return names;
}

} // namespace Carillon
