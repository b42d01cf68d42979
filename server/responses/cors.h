// SPDX-License-Identifier: MPL-2.0
#pragma once

namespace Carillon {

struct HttpRequest;
struct HttpResponse;

/// Lets pages of any origin use a route and read what it answers (protocol.md §3.5). Thread: any.
void allowAnyOrigin(const HttpRequest &request, HttpResponse &response);

} // namespace Carillon
