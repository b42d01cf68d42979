// SPDX-License-Identifier: MPL-2.0
#include "server/admin/tokensresource.h"

#include "server/admin/admintime.h"
#include "server/net/worker.h"

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QJsonObject toJson(const AdminToken &token)
{
    return { { u"id"_s, qint64 { token.id } },
             { u"name"_s, token.name },
             { u"role"_s, roleName(token.role) },
             { u"created"_s, timeText(token.created) } };
}

std::vector<AdminField> tokenFields()
{
    using namespace AdminTypes;
    return { { u"id"_s, integer(1), {}, true },
             { u"name"_s, text(64), u"By which the audit log names it: token:NAME"_s, true },
             { u"role"_s, choice({ u"viewer"_s, u"operator"_s }), {}, true },
             { u"created"_s, time(), {}, true } };
}

Problem unavailable()
{
    return { ProblemType::Unavailable, u"Storage does not answer."_s };
}

/// Tokens are few: the whole list is in memory.
AdminPage pageOf(const std::vector<AdminToken> &tokens, const PageRequest &page)
{
    std::vector<const AdminToken *> all;
    all.reserve(tokens.size());
    for (const AdminToken &token : tokens)
        all.push_back(&token);
    if (page.reverse)
        std::ranges::reverse(all);
    AdminPage answer;
    answer.total = std::ssize(tokens);
    for (const AdminToken *const token : all) {
        const auto isPast = [&](std::int64_t id) {
            return page.reverse ? token->id < id : token->id > id;
        };
        if (page.after && !isPast(page.after->first().toInteger()))
            continue;
        if (page.seek && token->id != page.seek->toInteger() && !isPast(page.seek->toInteger()))
            continue;
        if (answer.items.size() == page.limit) {
            answer.last = QJsonArray { answer.items.last().toObject().value(u"id"_s) };
            break;
        }
        answer.items.append(toJson(*token));
    }
    return answer;
}

void list(const TokenKeeping &keeping, const AdminRequest &request, const AdminResponder &responder)
{
    keeping.load([page = request.page, responder](const Result<std::vector<AdminToken>> &tokens) {
        if (tokens)
            responder.send(pageOf(*tokens, page));
        else
            responder.fail(unavailable());
    });
}

void create(const TokenKeeping &keeping, const AdminRequest &request,
            const AdminResponder &responder)
{
    const QByteArray secret = AdminTokens::make();
    AdminToken token { .name = request.body.value(u"name"_s).toString(),
                       .role = *roleNamed(request.body.value(u"role"_s).toString()),
                       .created = keeping.clock.wall(),
                       .hash = AdminTokens::hashOf(secret) };
    const QString name = token.name;
    keeping.store.addToken(
        std::move(token),
        [&keeping, name, secret, responder](const Result<std::optional<AdminToken>> &added) {
            if (!added) {
                responder.fail(unavailable());
                return;
            }
            if (!*added) {
                responder.fail(ProblemType::Conflict,
                               u"There is a token named %1; revoke it first, or choose another "
                               "name."_s.arg(name));
                return;
            }
            keeping.load([added = **added, secret,
                          responder](const Result<std::vector<AdminToken>> &) {
                QJsonObject body = toJson(added);
                body.insert(u"token"_s, QString::fromLatin1(secret));
                responder.send(
                    AdminAnswer { .status = 201, .body = std::move(body), .target = added.name });
            });
        });
}

void revoke(const TokenKeeping &keeping, const AdminRequest &request,
            const AdminResponder &responder)
{
    keeping.store.removeToken(
        request.path.value(u"id"_s).toInteger(),
        [&keeping, responder](const Result<std::optional<AdminToken>> &removed) {
            if (!removed) {
                responder.fail(unavailable());
                return;
            }
            if (!*removed) {
                responder.fail(ProblemType::NotFound, u"There is no token with this id."_s);
                return;
            }
            keeping.load([removed = **removed, responder](const Result<std::vector<AdminToken>> &) {
                responder.send(AdminAnswer { .body = toJson(removed), .target = removed.name });
            });
        });
}

} // namespace

void TokenKeeping::load(Completion<std::vector<AdminToken>> done) const
{
    store.findTokens(
        [this, done = std::move(done)](Result<std::vector<AdminToken>> tokens) mutable {
            worker.perform([this, done = std::move(done), tokens = std::move(tokens)]() mutable {
                if (tokens)
                    inForce.set(*tokens);
                done(std::move(tokens));
            });
        });
}

void addTokens(AdminApi &api, const TokenKeeping &keeping)
{
    using namespace AdminTypes;
    api.add({ .method = "GET",
              .path = "/tokens",
              .operation = u"listTokens"_s,
              .summary = u"lists the tokens, without the secrets themselves"_s,
              .role = AdminRole::Operator,
              .list = AdminList { .item = object(tokenFields()),
                                  .sorts = { { u"id"_s, { integer(1) } } } },
              .handler = [&keeping](const AdminRequest &request, const AdminResponder &responder) {
                  list(keeping, request, responder);
              } });
    std::vector<AdminField> created = tokenFields();
    created.push_back({ u"token"_s, text(), u"The token, which is shown only this once"_s, true });
    api.add({ .method = "POST",
              .path = "/tokens",
              .operation = u"createToken"_s,
              .summary = u"makes a token"_s,
              .role = AdminRole::Operator,
              .body = { { u"name"_s, pattern(u"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"_s),
                          u"Unique; the audit log names the token by it"_s, true },
                        { u"role"_s, choice({ u"viewer"_s, u"operator"_s }),
                          u"A viewer reads, an operator also acts"_s, true } },
              .answer = object(created),
              .status = 201,
              .problems = { ProblemType::Conflict },
              .handler = [&keeping](const AdminRequest &request, const AdminResponder &responder) {
                  create(keeping, request, responder);
              } });
    api.add({ .method = "DELETE",
              .path = "/tokens/{id}",
              .operation = u"revokeToken"_s,
              .summary = u"revokes a token, which is refused from then on"_s,
              .role = AdminRole::Operator,
              .parameters = { { u"id"_s, integer(1), u"The id of the token"_s } },
              .answer = object(tokenFields()),
              .problems = { ProblemType::NotFound },
              .handler = [&keeping](const AdminRequest &request, const AdminResponder &responder) {
                  revoke(keeping, request, responder);
              } });
}

} // namespace Carillon
