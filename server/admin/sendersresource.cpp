// SPDX-License-Identifier: MPL-2.0
#include "server/admin/sendersresource.h"

#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"
#include "core/storage/adminstore.h"
#include "server/admin/admintime.h"
#include "server/admin/browsingjson.h"
#include "server/routing/senderrules.h"
#include "server/senders/senderbook.h"

#include <algorithm>
#include <map>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype PublicKeySize = 65;

/// A sender with its rule; either may be missing.
struct SenderRow
{
    QByteArray keyHash;
    std::optional<SenderRecord> record;
    std::optional<SenderRule> rule;
};

/// "10/s", "100/60s"
QString rateText(const Rate &rate)
{
    const std::int64_t seconds = rate.per.count();
    return seconds == 1 ? u"%1/s"_s.arg(rate.count) : u"%1/%2s"_s.arg(rate.count).arg(seconds);
}

/// Precondition: it matches the schema.
Rate rateOf(const QString &text)
{
    const qsizetype slash = text.indexOf(u'/');
    const QChar unit = text.back();
    const std::int64_t each = unit == u'h' ? 3'600 : unit == u'm' ? 60 : 1;
    const QString number = text.sliced(slash + 1).chopped(1);
    const std::int64_t units = number.isEmpty() ? 1 : std::max(1LL, number.toLongLong());
    const std::int64_t count = std::max(1LL, text.first(slash).toLongLong());
    return { count, std::chrono::seconds(units * each), count };
}

QString stateOf(const std::optional<SenderRule> &rule)
{
    if (rule && rule->isBlocked)
        return u"blocked"_s;
    return rule && rule->rate.isLimited() ? u"limited"_s : u"free"_s;
}

QJsonValue limitOf(const std::optional<SenderRule> &rule)
{
    return rule && rule->rate.isLimited() ? QJsonValue(rateText(rule->rate))
                                          : QJsonValue(QJsonValue::Null);
}

QJsonObject senderJson(const SenderRow &row, const ApiTime &time)
{
    const SenderRecord record = row.record.value_or(SenderRecord());
    QJsonObject errors;
    for (const auto &[why, count] : record.errors)
        errors.insert(QString::fromLatin1(errorName(why)), qint64 { count });
    const auto when = [&](Time at) {
        return row.record ? QJsonValue(time.text(at)) : QJsonValue(QJsonValue::Null);
    };
    return {
        { u"key"_s, hexText(row.keyHash) },
        { u"sub"_s, textOrNull(record.subject) },
        { u"state"_s, stateOf(row.rule) },
        { u"pushes"_s, qint64 { record.accepted } },
        { u"bytes"_s, qint64 { record.bytes } },
        { u"refused"_s, qint64 { record.refused } },
        { u"errors"_s, errors },
        { u"first"_s, when(record.first) },
        { u"last"_s, when(record.last) },
        { u"limit"_s, limitOf(row.rule) },
        { u"ruled_since"_s,
          row.rule ? QJsonValue(timeText(row.rule->since)) : QJsonValue(QJsonValue::Null) },
        { u"ruled_by"_s, row.rule ? QJsonValue(row.rule->who) : QJsonValue(QJsonValue::Null) },
    };
}

AdminSchema limitSchema()
{
    return AdminTypes::pattern(u"[1-9][0-9]{0,5}/[0-9]{0,4}[smh]"_s);
}

AdminSchema senderSchema()
{
    using namespace AdminTypes;
    return object({
        { u"key"_s, pattern(u"[0-9a-f]{64}"_s), u"SHA-256 of its VAPID public key"_s, true },
        { u"sub"_s, orNull(text(1000)), u"As its newest token says"_s, true },
        { u"state"_s, choice({ u"free"_s, u"limited"_s, u"blocked"_s }), {}, true },
        { u"pushes"_s, integer(), u"Accepted, since this process was started"_s, true },
        { u"bytes"_s, integer(), u"Of their bodies"_s, true },
        { u"refused"_s, integer(), u"Pushes"_s, true },
        { u"errors"_s, map(integer()), u"Refused pushes by error (docs/errors.md)"_s, true },
        { u"first"_s, orNull(time()), u"null: it has not pushed to this process"_s, true },
        { u"last"_s, orNull(time()), {}, true },
        { u"limit"_s, orNull(limitSchema()),
          u"Pushes in a time, such as 10/s; null: none of its own"_s, true },
        { u"ruled_since"_s, orNull(time()), u"When it was blocked or limited"_s, true },
        { u"ruled_by"_s, orNull(text()), u"By whom"_s, true },
    });
}

/// What a list is sorted by, as a number or text that sorts in the same way, then the key.
using RowKey = std::pair<std::int64_t, QByteArray>;

RowKey keyOf(const SenderRow &row, const QString &sort)
{
    const SenderRecord record = row.record.value_or(SenderRecord());
    if (sort == u"key")
        return { 0, row.keyHash };
    if (sort == u"last")
        return { record.last.time_since_epoch().count(), row.keyHash };
    if (sort == u"refused")
        return { record.refused, row.keyHash };
    return { record.accepted, row.keyHash };
}

QJsonArray jsonOf(const RowKey &key, const QString &sort, const ApiTime &time)
{
    const QString hash = hexText(key.second);
    if (sort == u"key")
        return { hash, hash };
    if (sort == u"last")
        return { time.text(Time(std::chrono::microseconds(key.first))),
                 QString::number(key.first) + u' ' + hash };
    return { qint64 { key.first }, QString::number(key.first) + u' ' + hash };
}

/// Of the second value that jsonOf() gives.
RowKey rowKeyOf(const QString &text)
{
    const qsizetype space = text.indexOf(u' ');
    return { space < 0 ? 0 : text.first(space).toLongLong(),
             QByteArray::fromHex(text.sliced(space + 1).toLatin1()) };
}

RowKey seekOf(const QJsonValue &seek, const QString &sort, bool reverse, const ApiTime &time)
{
    if (sort == u"key")
        return { 0, QByteArray::fromHex(seek.toString().toLatin1()) };
    const std::int64_t number =
        sort == u"last" ? time.read(seek.toString()).time_since_epoch().count() : seek.toInteger();
    return { number, reverse ? QByteArray(Sha256Size + 1, '\xFF') : QByteArray() };
}

std::vector<SenderRow> rows(const SenderBook &book, const SenderRules &rules)
{
    std::map<QByteArray, SenderRow> merged;
    for (SenderRecord &record : book.all()) {
        SenderRow &row = merged[record.keyHash];
        row.keyHash = record.keyHash;
        row.record = std::move(record);
    }
    for (SenderRule &rule : rules.all()) {
        SenderRow &row = merged[rule.keyHash];
        row.keyHash = rule.keyHash;
        row.rule = std::move(rule);
    }
    std::vector<SenderRow> all;
    all.reserve(std::size_t(merged.size()));
    for (auto &[hash, row] : merged)
        all.push_back(std::move(row));
    return all;
}

bool isWanted(const SenderRow &row, const AdminRequest &request)
{
    const QByteArray sub = request.text(u"sub"_s).toUtf8().toLower();
    if (!sub.isEmpty() && !(row.record && row.record->subject.toLower().contains(sub)))
        return false;
    const QJsonValue ruled = request.query.value(u"ruled"_s);
    return !ruled.isBool() || ruled.toBool() == row.rule.has_value();
}

void listSenders(const SendersWith &with, const AdminRequest &request,
                 const AdminResponder &responder)
{
    const ApiTime time(with.clock);
    const QString &sort = request.page.sort;
    const bool reverse = request.page.reverse;
    std::vector<std::pair<RowKey, SenderRow>> found;
    for (SenderRow &row : rows(with.book, with.rules)) {
        if (isWanted(row, request))
            found.emplace_back(keyOf(row, sort), std::move(row));
    }
    const auto isBefore = [reverse](const RowKey &left, const RowKey &right) {
        return reverse ? right < left : left < right;
    };
    std::ranges::sort(found, isBefore, [](const auto &one) { return one.first; });
    auto next = found.begin();
    if (request.page.after) {
        const RowKey after = rowKeyOf(request.page.after->at(1).toString());
        while (next != found.end() && !isBefore(after, next->first))
            ++next;
    } else if (request.page.seek) {
        const RowKey seek = seekOf(*request.page.seek, sort, reverse, time);
        while (next != found.end() && isBefore(next->first, seek))
            ++next;
    }
    AdminPage page;
    page.total = std::ssize(found);
    RowKey last;
    for (; next != found.end() && page.items.size() < request.page.limit; ++next) {
        page.items.append(senderJson(next->second, time));
        last = next->first;
    }
    if (next != found.end())
        page.last = jsonOf(last, sort, time);
    responder.send(std::move(page));
}

/// 64 hexadecimal digits of the hash, or the public key itself in base64url; 16 digits, as in
/// events, of a sender that is known. Else the caller gets 404.
std::optional<QByteArray> hashOf(const SendersWith &with, const QString &text,
                                 const AdminResponder &responder)
{
    const QByteArray latin1 = text.toLatin1();
    const QByteArray raw = QByteArray::fromHex(latin1);
    const bool isHex = raw.toHex() == latin1.toLower();
    if (isHex && raw.size() == Sha256Size)
        return raw;
    if (const auto key = fromLenientBase64(latin1); key && key->size() == PublicKeySize)
        return sha256(*key);
    if (isHex && raw.size() == Sha256Size / 4) {
        const auto known = with.book.find(raw);
        if (known.size() == 1)
            return known.front().keyHash;
    }
    responder.fail(ProblemType::NotFound,
                   u"This is neither the SHA-256 of a key (64 hexadecimal digits), nor a public "
                   "key in base64url, nor the beginning of the hash of a sender that is known."_s);
    return std::nullopt;
}

/// Changes the rule for the sender that the path names, and answers what is in force then.
void change(const SendersWith &with, const AdminRequest &request, const AdminResponder &responder,
            const std::function<void(SenderRule &)> &alter)
{
    const auto hash = hashOf(with, request.text(u"key"_s), responder);
    if (!hash)
        return;
    const SenderRule old = with.rules.find(*hash).value_or(SenderRule { .keyHash = *hash });
    SenderRule rule = old;
    alter(rule);
    const auto answer = [](const SenderRule &now, bool isChanged) {
        return QJsonObject { { u"changed"_s, isChanged },
                             { u"state"_s, stateOf(now) },
                             { u"limit"_s, limitOf(now) } };
    };
    if (rule == old) {
        responder.send(answer(old, false));
        return;
    }
    rule.since = with.clock.wall();
    rule.who = request.who;
    with.store.setSenderRule(
        rule, [&rules = with.rules, rule, answer, responder](const Result<void> &done) {
            if (!done) {
                responder.fail(problemOf(done.error()));
                return;
            }
            rules.set(rule);
            responder.send(answer(rule, true));
        });
}

} // namespace

void addSenders(AdminApi &api, const SendersWith &with)
{
    using namespace AdminTypes;
    const AdminField key { u"key"_s, text(200, 16),
                           u"SHA-256 of the VAPID public key in hexadecimal, or the key itself in "
                           "base64url"_s,
                           true };
    api.add({ .method = "GET",
              .path = "/senders",
              .operation = u"listSenders"_s,
              .summary = u"lists the senders that have pushed to this process, and those that are "
                         "blocked or limited"_s,
              .parameters = { { u"sub"_s, text(256, 1), u"A part of it, in any case"_s },
                              { u"ruled"_s, boolean(), u"Whether it is blocked or limited"_s } },
              .list = AdminList { .item = senderSchema(),
                                  .sorts = { { u"key"_s, { pattern(u"[0-9a-f]*"_s), text() } },
                                             { u"last"_s, { time(), text() } },
                                             { u"pushes"_s, { integer(), text() } },
                                             { u"refused"_s, { integer(), text() } } } },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  listSenders(with, request, responder);
              } });
    api.add({ .method = "GET",
              .path = "/senders/{key}",
              .operation = u"getSender"_s,
              .summary = u"returns a sender"_s,
              .parameters = { key },
              .answer = senderSchema(),
              .problems = { ProblemType::NotFound },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  const auto hash = hashOf(with, request.text(u"key"_s), responder);
                  if (!hash)
                      return;
                  SenderRow row { *hash, std::nullopt, with.rules.find(*hash) };
                  const auto records = with.book.find(*hash);
                  if (!records.empty())
                      row.record = records.front();
                  if (row.record || row.rule)
                      responder.send(senderJson(row, ApiTime(with.clock)));
                  else
                      responder.fail(ProblemType::NotFound,
                                     u"This sender has not pushed to this process."_s);
              } });

    const AdminSchema answer = object({
        { u"changed"_s, boolean(), u"false: it was so already"_s, true },
        { u"state"_s, choice({ u"free"_s, u"limited"_s, u"blocked"_s }), u"Now"_s, true },
        { u"limit"_s, orNull(limitSchema()), {}, true },
    });
    const auto add = [&](const char *method, const char *path, const QString &operation,
                         const QString &summary, std::vector<AdminField> body,
                         std::function<void(SenderRule &, const QJsonObject &)> alter) {
        api.add({ .method = method,
                  .path = path,
                  .operation = operation,
                  .summary = summary,
                  .role = AdminRole::Operator,
                  .parameters = { key },
                  .body = std::move(body),
                  .answer = answer,
                  .problems = { ProblemType::NotFound, ProblemType::Unavailable },
                  .handler = [&with, alter = std::move(alter)](const AdminRequest &request,
                                                               const AdminResponder &responder) {
                      change(with, request, responder,
                             [&](SenderRule &rule) { alter(rule, request.body); });
                  } });
    };
    add("POST", "/senders/{key}/block", u"blockSender"_s, u"refuses all pushes of a sender (403)"_s,
        {}, [](SenderRule &rule, const QJsonObject &) { rule.isBlocked = true; });
    add("POST", "/senders/{key}/unblock", u"unblockSender"_s, u"takes a sender's pushes again"_s,
        {}, [](SenderRule &rule, const QJsonObject &) { rule.isBlocked = false; });
    add("PUT", "/senders/{key}/limit", u"limitSender"_s,
        u"limits how often a sender may push, in each process that takes pushes (429)"_s,
        { { u"limit"_s, orNull(limitSchema()),
            u"Pushes in a time, such as 10/s or 100/5m, all of which may come at once; null: no "
            "limit"_s,
            true } },
        [](SenderRule &rule, const QJsonObject &body) {
            const QJsonValue limit = body.value(u"limit"_s);
            rule.rate = limit.isString() ? rateOf(limit.toString()) : Rate();
        });
}

} // namespace Carillon
