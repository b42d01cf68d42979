// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "server/admin/adminrequest.h"
#include "server/admin/failedlogins.h"
#include "server/admin/problem.h"
#include "server/admin/tokens.h"
#include "server/net/http/httpmessage.h"

#include <cstdint>
#include <optional>

namespace Carillon {

/// Who may use the API. Over the Unix socket: root and the server's own user, and a group, by the
/// kernel's word; everybody else with a token, as over TCP. A page of another origin never.
/// Owns: the tokens in force, the counts of failed logins. Thread: the admin thread.
class AdminAccess
{
public:
    struct Options
    {
        /// Whose members have a role over the socket.
        std::optional<std::uint32_t> group = {};
        AdminRole groupRole = AdminRole::Viewer;
        /// TCP is on loopback addresses only, and there is no proxy: then any other host name is
        /// that of somebody who has made it point here (DNS rebinding).
        bool isLoopbackOnly = true;
    };
    struct Caller
    {
        AdminRole role = AdminRole::Viewer;
        QString who;
    };

    AdminAccess(Options options, const Clock &clock);

    [[nodiscard]] AdminTokens &tokens() { return m_tokens; }
    /// Who sends this request, and what they may do.
    [[nodiscard]] Result<Caller, Problem> judge(const HttpRequest &request);
    /// Whether a caller that was let in would still be: false for a token that was revoked.
    [[nodiscard]] bool isStillValid(const QString &who) const;
    /// Refuses what the caller's role does not allow.
    [[nodiscard]] static Result<void, Problem> check(const Caller &caller, AdminRole needed);

private:
    [[nodiscard]] std::optional<Caller> peer(const PeerCredentials &credentials) const;
    [[nodiscard]] Result<Caller, Problem> bearer(const HttpRequest &request);
    [[nodiscard]] Result<void, Problem> checkOrigin(const HttpRequest &request) const;

    Options m_options;
    const Clock &m_clock;
    AdminTokens m_tokens;
    FailedLogins m_failures;
};

} // namespace Carillon
