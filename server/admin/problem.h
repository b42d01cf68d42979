// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace Carillon {

/// Everything that can be wrong with a request to the admin API. docs/admin-api.md has a section
/// for each.
enum class ProblemType : std::uint8_t {
    BadRequest, ///< the request is not HTTP that this server reads
    InvalidParameter, ///< a parameter of the path or query
    InvalidCursor,
    InvalidBody,
    Unauthorized, ///< no token, or not a valid one
    Forbidden, ///< the role does not allow it, or the peer has none
    WrongOrigin, ///< a page of another origin, or another Host
    NotFound,
    MethodNotAllowed,
    Conflict, ///< the state of the target does not allow it
    RequestTimeout,
    BodyTooLarge,
    HeadTooLarge,
    UnsupportedMediaType,
    UpgradeRequired,
    TooManyRequests,
    Unavailable, ///< storage does not answer, or the server stops
    NotEnabled, ///< a setting turns it off
    Internal,
};

struct ProblemInfo
{
    ProblemType type;
    int status;
    /// The last part of the type's URL, and the heading in docs/admin-api.md.
    const char *name;
    /// One short sentence, always the same for a type.
    const char *title;
    /// What it means, and what to do.
    const char *description;
};

[[nodiscard]] const ProblemInfo &problemInfo(ProblemType type);
[[nodiscard]] std::span<const ProblemInfo> allProblems();
[[nodiscard]] std::optional<ProblemType> problemNamed(QStringView name);
/// Where this server describes a type, relative to the URL of the request.
[[nodiscard]] QString problemUrl(ProblemType type);

/// An error of the API, which its peer gets as a problem document (RFC 9457).
struct Problem
{
    Problem(ProblemType what, QString text) : type(what), detail(std::move(text)) { }

    ProblemType type;
    /// What is wrong with this request, and how to correct it; a sentence without secrets.
    QString detail;
    /// The parameter or member of the body that is wrong; empty: none.
    QString parameter = {};
    std::optional<std::chrono::seconds> retryAfter = {};
    std::vector<HttpHeader> headers = {};

    [[nodiscard]] int status() const { return problemInfo(type).status; }
    [[nodiscard]] QJsonObject document() const;
    [[nodiscard]] HttpResponse response() const;
};

} // namespace Carillon
