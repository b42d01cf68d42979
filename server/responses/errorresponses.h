// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"
#include "server/responses/refusal.h"

#include <QByteArray>

#include <array>

namespace Carillon {

/// The answers to requests that failed: autopush's JSON body (protocol.md §3.3), and the headers
/// that go with the status. One per process. Owns: a body for each code, made once. Thread: any.
class ErrorResponses
{
public:
    /// errorPages: what more_info begins with, a URL to which the error's name is appended.
    explicit ErrorResponses(const QByteArray &errorPages);

    [[nodiscard]] HttpResponse response(const Refusal &refusal) const;

private:
    std::array<QByteArray, ErrorCodeCount> m_bodies;
};

} // namespace Carillon
