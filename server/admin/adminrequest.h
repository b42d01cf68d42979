// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/adminrole.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <optional>

namespace Carillon {

/// Which page of a list is wanted. Keys have the values of AdminSort::key, in that order.
struct PageRequest
{
    int limit = 100;
    /// One of AdminList::sorts.
    QString sort;
    /// From the end of the order.
    bool reverse = false;
    /// The page begins behind this row, in the direction of the page; absent: at the begin.
    std::optional<QJsonArray> after = {};
    /// The page begins at the first row whose sort key is not before this one. Never with `after`.
    std::optional<QJsonValue> seek = {};
};

/// A request that is allowed, and whose parameters and body match the schemas of its route.
struct AdminRequest
{
    /// Parameters of the path and of the query by name, as JSON: numbers and booleans where the
    /// schema says so, else text. Optional ones may be missing. Of a list's own parameters none
    /// is here, but in `page`; filters that came with a cursor are.
    QJsonObject path;
    QJsonObject query;
    QJsonObject body;
    PageRequest page;
    AdminRole role = AdminRole::Viewer;
    /// "root", "carillon", "token:NAME": as the audit log names the caller.
    QString who;

    /// A parameter as text; empty if it is missing.
    [[nodiscard]] QString text(const QString &name) const
    {
        return (path.contains(name) ? path : query).value(name).toString();
    }
    [[nodiscard]] bool has(const QString &name) const { return query.contains(name); }
};

} // namespace Carillon
