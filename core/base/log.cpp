// SPDX-License-Identifier: MPL-2.0
#include "core/base/log.h"

namespace Carillon {

Q_LOGGING_CATEGORY(lcApp, "carillon.app", QtInfoMsg)
Q_LOGGING_CATEGORY(lcNet, "carillon.net", QtInfoMsg)
Q_LOGGING_CATEGORY(lcEndpoint, "carillon.endpoint", QtInfoMsg)
Q_LOGGING_CATEGORY(lcConnect, "carillon.connect", QtInfoMsg)
Q_LOGGING_CATEGORY(lcRouting, "carillon.routing", QtInfoMsg)
Q_LOGGING_CATEGORY(lcStorage, "carillon.storage", QtInfoMsg)
Q_LOGGING_CATEGORY(lcRequests, "carillon.requests", QtInfoMsg)
Q_LOGGING_CATEGORY(lcSessions, "carillon.sessions", QtInfoMsg)
Q_LOGGING_CATEGORY(lcAdmin, "carillon.admin", QtInfoMsg)

QList<const QLoggingCategory *> allLogCategories()
{
    return { &lcApp(),     &lcNet(),      &lcEndpoint(), &lcConnect(), &lcRouting(),
             &lcStorage(), &lcRequests(), &lcSessions(), &lcAdmin() };
}

QStringList logCategories()
{
    QStringList names;
    for (const QLoggingCategory *const category : allLogCategories())
        names << QString::fromLatin1(category->categoryName());
    return names;
}

} // namespace Carillon
