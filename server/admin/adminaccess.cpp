// SPDX-License-Identifier: MPL-2.0
#include "server/admin/adminaccess.h"

#include "server/net/ipaddress.h"

#include <QHostAddress>
#include <QUrl>

#include <algorithm>
#include <array>

#include <pwd.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// What the names of callers with a token begin with.
const QString OfToken = u"token:"_s;

/// The name of a user of this machine, or "uid 1000".
QString userName(std::uint32_t user)
{
    passwd entry {};
    passwd *found = nullptr;
    std::array<char, 4096> buffer {};
    if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
        return QString::fromLocal8Bit(found->pw_name);
    return u"uid %1"_s.arg(user);
}

/// The host of a Host field, without port and brackets, in lower case.
QString hostOf(QByteArrayView field)
{
    return QUrl(u"http://"_s + QString::fromLatin1(field)).host().toLower();
}

bool namesThisMachine(const QString &host)
{
    return host == u"localhost"_s || !QHostAddress(host).isNull();
}

} // namespace

AdminAccess::AdminAccess(Options options, const Clock &clock) : m_options(options), m_clock(clock)
{
}

Result<AdminAccess::Caller, Problem> AdminAccess::judge(const HttpRequest &request)
{
    CARILLON_TRY_VOID(checkOrigin(request));
    if (request.credentials) {
        if (std::optional<Caller> caller = peer(*request.credentials))
            return std::move(*caller);
        if (!request.hasHeader("authorization"))
            return Unexpected(Problem(
                ProblemType::Forbidden,
                u"The user %1 of this machine has no role. Use a token, or become a member of "
                "the group that admin.group names."_s.arg(userName(request.credentials->user))));
    }
    return bearer(request);
}

bool AdminAccess::isStillValid(const QString &who) const
{
    return !who.startsWith(OfToken) || m_tokens.hasName(who.sliced(OfToken.size()));
}

Result<void, Problem> AdminAccess::check(const Caller &caller, AdminRole needed)
{
    if (needed == AdminRole::Operator && caller.role != AdminRole::Operator)
        return Unexpected(Problem(
            ProblemType::Forbidden,
            u"This needs the role operator; %1 is a %2."_s.arg(caller.who, roleName(caller.role))));
    return {};
}

std::optional<AdminAccess::Caller> AdminAccess::peer(const PeerCredentials &credentials) const
{
    if (credentials.user == 0 || credentials.user == ::geteuid())
        return Caller { AdminRole::Operator, userName(credentials.user) };
    const bool isMember = m_options.group
        && std::ranges::find(credentials.groups, *m_options.group) != credentials.groups.end();
    if (!isMember)
        return std::nullopt;
    return Caller { m_options.groupRole, userName(credentials.user) };
}

Result<AdminAccess::Caller, Problem> AdminAccess::bearer(const HttpRequest &request)
{
    const std::uint64_t address =
        IpAddress::parse(request.peer).value_or(IpAddress::unnamed()).limitKey();
    const Instant now = m_clock.steadyNow();
    if (const auto wait = m_failures.wait(address, now)) {
        Problem problem(ProblemType::TooManyRequests,
                        u"Too many requests without a valid token came from this address."_s);
        problem.retryAfter = *wait;
        return Unexpected(std::move(problem));
    }
    const QByteArrayView field = request.header("authorization");
    const bool isBearer =
        field.first(std::min<qsizetype>(7, field.size())).compare("bearer ", Qt::CaseInsensitive)
        == 0;
    if (isBearer) {
        if (const auto token = m_tokens.find(field.sliced(7).trimmed()))
            return Caller { token->role, QString(OfToken + token->name) };
    }
    m_failures.add(address, now);
    Problem problem(ProblemType::Unauthorized,
                    field.isEmpty() ? u"The request has no token."_s
                        : isBearer  ? u"The token is unknown or revoked."_s
                                    : u"The Authorization field has another scheme than Bearer."_s);
    problem.headers.push_back({ "WWW-Authenticate",
                                isBearer ? "Bearer realm=\"carillon\", error=\"invalid_token\""
                                         : "Bearer realm=\"carillon\"" });
    return Unexpected(std::move(problem));
}

/// CORS is off, but a browser sends simple requests and opens WebSockets without asking.
Result<void, Problem> AdminAccess::checkOrigin(const HttpRequest &request) const
{
    const QByteArrayView host = request.header("host");
    if (request.hasHeader("origin")) {
        const QByteArrayView origin = request.header("origin");
        const bool isOwn = !host.isEmpty()
            && (origin == "http://" + host.toByteArray()
                || origin == "https://" + host.toByteArray());
        if (!isOwn)
            return Unexpected(Problem(ProblemType::WrongOrigin,
                                      u"The request comes from a page of another origin."_s));
    }
    if (!request.credentials && m_options.isLoopbackOnly && !namesThisMachine(hostOf(host)))
        return Unexpected(Problem(ProblemType::WrongOrigin,
                                  u"The Host field names neither localhost nor an address. Use "
                                  "one of them, or name the reverse proxy in trusted_proxies."_s));
    return {};
}

} // namespace Carillon
