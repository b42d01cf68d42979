// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"
#include "server/admin/adminrequest.h"
#include "server/admin/adminresponder.h"
#include "server/admin/adminschema.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// Where the API begins; paths of routes follow it.
inline constexpr char AdminApiPrefix[] = "/api/v1";
/// Of the API, as /status and openapi.json name it. The major number is in the path.
inline constexpr char AdminApiVersion[] = "1.0";

/// An order of a list.
struct AdminSort
{
    /// Of the member of an item by which the list is sorted.
    QString name;
    /// The types of a row's key: the sort value, then what makes the key unique. Cursors carry
    /// such keys, and `seek` is a value of the first type.
    std::vector<AdminSchema> key;
};

/// What makes a route a list: `limit`, `cursor`, `sort`, `order` and `seek` are parameters of it
/// besides its own, which are filters, and it answers pages of items.
struct AdminList
{
    AdminSchema item;
    /// At least one; the first is the default.
    std::vector<AdminSort> sorts;
    int defaultLimit = 100;
    int maxLimit = 1000;
};

using AdminHandler = UniqueFunction<void(AdminRequest, AdminResponder)>;

/// A row of the table of the API. From it follow the checks of a request, the errors 404, 405 and
/// 415, the audit log, and openapi.json.
///
///     api.add({ .method = "POST",
///               .path = "/clients/{uaid}/disconnect",
///               .operation = u"disconnectClient"_s,
///               .summary = u"closes the connection of a client"_s,
///               .role = AdminRole::Operator,
///               .parameters = { { u"uaid"_s, AdminTypes::uuid(), u"The client"_s } },
///               .answer = AdminTypes::object({ … }),
///               .problems = { ProblemType::NotFound },
///               .handler = … });
struct AdminRoute
{
    QByteArray method;
    QByteArray path;
    /// OpenAPI's operationId. Of a route that changes something, the action in the audit log.
    QString operation;
    /// A phrase in the third person, without a full stop.
    QString summary;
    AdminRole role = AdminRole::Viewer;
    /// Needs neither token nor role.
    bool isPublic = false;
    /// Those in the path, and those of the query. Unknown ones are refused.
    std::vector<AdminField> parameters = {};
    /// Present for a list; `answer` is then not used.
    std::optional<AdminList> list = {};
    /// The members of the body, an object in JSON; empty: the request has no body.
    std::vector<AdminField> body = {};
    /// The answer in JSON.
    AdminSchema answer = {};
    int status = 200;
    /// The type of an answer that may come instead of JSON, such as Markdown; empty: none.
    QString otherType = {};
    /// What it may fail with besides what every route may.
    std::vector<ProblemType> problems = {};
    /// Runs on the admin thread, must not block it, and answers on any thread.
    AdminHandler handler;

    /// Whether it acts: such a call is written to the audit log, whatever comes of it.
    [[nodiscard]] bool isAction() const { return method != "GET"; }
};

/// The table of the API, into which the composition root registers resources at start, one
/// function of a room for each: `void addClients(AdminApi &api, …)`.
/// Owns: the handlers. Thread: main until the admin thread serves it, then that one's.
class AdminApi
{
public:
    void add(AdminRoute route) { m_routes.push_back(std::move(route)); }
    [[nodiscard]] std::vector<AdminRoute> &routes() { return m_routes; }
    [[nodiscard]] const std::vector<AdminRoute> &routes() const { return m_routes; }

private:
    std::vector<AdminRoute> m_routes;
};

} // namespace Carillon
