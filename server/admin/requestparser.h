// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/admin/adminapi.h"
#include "server/net/http/httpmessage.h"

#include <optional>
#include <vector>

// What a request to the API says, checked against its route. Pure functions. Thread: any.
namespace Carillon {

/// Matches the path of a route ("/clients/{uaid}") with that of a request behind AdminApiPrefix.
/// Gives the parameters of the path, percent-decoded; absent: it does not match.
[[nodiscard]] std::optional<std::vector<std::pair<QString, QString>>>
matchPath(QByteArrayView pattern, QByteArrayView path);

/// The parameters that a route has: its own, and those of a list.
[[nodiscard]] std::vector<AdminField> parametersOf(const AdminRoute &route);

/// Reads and checks parameters and body; `path`: what matchPath() gave. Role and caller are not
/// set.
[[nodiscard]] Result<AdminRequest, Problem>
parseRequest(const AdminRoute &route, const std::vector<std::pair<QString, QString>> &path,
             const HttpRequest &request);

} // namespace Carillon
