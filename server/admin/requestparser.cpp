// SPDX-License-Identifier: MPL-2.0
#include "server/admin/requestparser.h"

#include "server/admin/admincursor.h"

#include <QJsonDocument>
#include <QStringDecoder>
#include <QUrlQuery>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

using Pairs = std::vector<std::pair<QString, QString>>;

/// Parameters of every list.
const QString Limit = u"limit"_s;
const QString Cursor = u"cursor"_s;
const QString Sort = u"sort"_s;
const QString Order = u"order"_s;
const QString Seek = u"seek"_s;
const QStringList OfPage { Limit, Cursor, Sort, Order, Seek };

/// Absent: the escapes are wrong, or it is not UTF-8.
std::optional<QString> decoded(QByteArrayView raw, bool plusIsSpace)
{
    QByteArray bytes;
    bytes.reserve(raw.size());
    for (qsizetype i = 0; i < raw.size(); ++i) {
        if (raw[i] == '%') {
            bool isHex = i + 2 < raw.size();
            const int byte = isHex ? raw.sliced(i + 1, 2).toByteArray().toInt(&isHex, 16) : 0;
            if (!isHex)
                return std::nullopt;
            bytes.append(static_cast<char>(byte));
            i += 2;
        } else {
            bytes.append(raw[i] == '+' && plusIsSpace ? ' ' : raw[i]);
        }
    }
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString text = decoder(bytes);
    if (decoder.hasError())
        return std::nullopt;
    return text;
}

Problem badParameter(const QString &parameter, const QString &fault)
{
    Problem problem(ProblemType::InvalidParameter, u"%1 %2."_s.arg(parameter, fault));
    problem.parameter = parameter;
    return problem;
}

Problem badCursor(const QString &fault)
{
    Problem problem(ProblemType::InvalidCursor, fault);
    problem.parameter = Cursor;
    return problem;
}

const AdminField *findField(const std::vector<AdminField> &fields, const QString &name)
{
    const auto found = std::ranges::find(fields, name, &AdminField::name);
    return found == fields.end() ? nullptr : &*found;
}

const AdminSort *findSort(const AdminList &list, const QString &name)
{
    const auto found = std::ranges::find(list.sorts, name, &AdminSort::name);
    return found == list.sorts.end() ? nullptr : &*found;
}

Result<Pairs, Problem> splitQuery(const QByteArray &query)
{
    Pairs pairs;
    for (const QByteArray &item : query.split('&')) {
        if (item.isEmpty())
            continue;
        const qsizetype equals = item.indexOf('=');
        const auto name =
            decoded(QByteArrayView(item).first(equals < 0 ? item.size() : equals), true);
        const auto value =
            decoded(equals < 0 ? QByteArrayView() : QByteArrayView(item).sliced(equals + 1), true);
        if (!name || !value)
            return Unexpected(Problem(ProblemType::InvalidParameter,
                                      u"The query is not percent-encoded UTF-8."_s));
        const bool isTwice =
            std::ranges::find(pairs, *name, &Pairs::value_type::first) != pairs.end();
        if (isTwice)
            return Unexpected(badParameter(*name, u"is given twice"_s));
        pairs.emplace_back(*name, *value);
    }
    return pairs;
}

Result<void, Problem> takeValue(const AdminField &field, const QString &text, QJsonObject &into)
{
    auto value = readParameter(field.schema, text);
    if (!value)
        return Unexpected(badParameter(field.name, value.error()));
    into.insert(field.name, *value);
    return {};
}

/// What a cursor says takes the place of what the query does not say, and must not differ from the
/// rest.
Result<void, Problem> takeCursor(const AdminRoute &route, const QString &text, const Pairs &given,
                                 AdminRequest &request)
{
    const std::optional<AdminCursor> cursor = AdminCursor::fromText(text);
    if (!cursor)
        return Unexpected(badCursor(u"This is not a cursor of this server."_s));
    const AdminSort *const sort = findSort(*route.list, cursor->sort);
    const bool fits = sort && sort->key.size() == static_cast<std::size_t>(cursor->key.size());
    if (!fits)
        return Unexpected(badCursor(u"This is a cursor of another list."_s));
    for (std::size_t i = 0; i < sort->key.size(); ++i) {
        if (!checkValue(sort->key[i], cursor->key.at(static_cast<qsizetype>(i))))
            return Unexpected(badCursor(u"This is not a cursor of this server."_s));
    }
    const auto says = [&given](const QString &name) {
        return std::ranges::find(given, name, &Pairs::value_type::first) != given.end();
    };
    const bool differs = (says(Sort) && request.page.sort != cursor->sort)
        || (says(Order) && request.page.reverse != cursor->reverse);
    if (differs || says(Seek))
        return Unexpected(badCursor(u"The cursor belongs to another order of the list."_s));
    for (auto filter = request.query.begin(); filter != request.query.end(); ++filter) {
        if (cursor->filters.value(filter.key()) != filter.value())
            return Unexpected(
                badCursor(u"The cursor belongs to another value of %1."_s.arg(filter.key())));
    }
    for (auto filter = cursor->filters.begin(); filter != cursor->filters.end(); ++filter) {
        const AdminField *const field = findField(route.parameters, filter.key());
        if (!field || !checkValue(field->schema, filter.value()))
            return Unexpected(badCursor(u"This is a cursor of another list."_s));
    }
    request.query = cursor->filters;
    request.page.sort = cursor->sort;
    request.page.reverse = cursor->reverse;
    request.page.after = cursor->key;
    return {};
}

Result<void, Problem> takePage(const AdminRoute &route, const Pairs &given, const QJsonObject &page,
                               AdminRequest &request)
{
    const AdminList &list = *route.list;
    request.page.limit = page.value(Limit).toInt(list.defaultLimit);
    request.page.sort = page.value(Sort).toString(list.sorts.front().name);
    request.page.reverse = page.value(Order) == u"reverse"_s;
    if (page.contains(Cursor))
        return takeCursor(route, page.value(Cursor).toString(), given, request);
    if (page.contains(Seek)) {
        const AdminSchema &schema = findSort(list, request.page.sort)->key.front();
        AdminSchema single = schema;
        if (schema.value(u"type"_s).isArray())
            single.insert(u"type"_s, schema.value(u"type"_s).toArray().first());
        // Of a list with several orders it was read as text.
        auto value = readParameter(single, page.value(Seek).toVariant().toString());
        if (!value)
            return Unexpected(badParameter(Seek, value.error()));
        request.page.seek = *value;
    }
    return {};
}

Result<void, Problem> takeQuery(const AdminRoute &route, const QByteArray &query,
                                AdminRequest &request)
{
    CARILLON_TRY(const Pairs given, splitQuery(query));
    const std::vector<AdminField> fields = parametersOf(route);
    QJsonObject page;
    for (const auto &[name, text] : given) {
        const AdminField *const field = findField(fields, name);
        const bool isOfPath = request.path.contains(name);
        if (!field || isOfPath)
            return Unexpected(badParameter(name, u"is not a parameter of this resource"_s));
        const bool isOfPage = route.list && OfPage.contains(name);
        CARILLON_TRY_VOID(takeValue(*field, text, isOfPage ? page : request.query));
    }
    for (const AdminField &field : fields) {
        if (field.required && !request.query.contains(field.name)
            && !request.path.contains(field.name))
            return Unexpected(badParameter(field.name, u"is missing"_s));
    }
    return route.list ? takePage(route, given, page, request) : Result<void, Problem>();
}

Problem badBody(const QString &fault, const QString &member = {})
{
    Problem problem(ProblemType::InvalidBody, fault);
    problem.parameter = member;
    return problem;
}

Result<void, Problem> takeBody(const AdminRoute &route, const HttpRequest &request,
                               AdminRequest &into)
{
    if (route.body.empty()) {
        if (!request.body.isEmpty())
            return Unexpected(badBody(u"This resource takes no body."_s));
        return {};
    }
    const bool isOptional = std::ranges::none_of(route.body, &AdminField::required);
    if (request.body.isEmpty() && isOptional)
        return {};
    const QByteArray type =
        request.header("content-type").toByteArray().split(';').first().trimmed().toLower();
    if (type != "application/json" || request.hasHeader("content-encoding"))
        return Unexpected(
            Problem(ProblemType::UnsupportedMediaType, u"The body must be application/json."_s));
    QJsonParseError error {};
    const QJsonDocument document = QJsonDocument::fromJson(request.body, &error);
    if (error.error != QJsonParseError::NoError)
        return Unexpected(badBody(u"The body is not JSON: %1."_s.arg(error.errorString())));
    if (!document.isObject())
        return Unexpected(badBody(u"The body is not a JSON object."_s));
    into.body = document.object();
    for (auto member = into.body.begin(); member != into.body.end(); ++member) {
        const AdminField *const field = findField(route.body, member.key());
        if (!field)
            return Unexpected(
                badBody(u"%1 is not a member of this body."_s.arg(member.key()), member.key()));
        if (const auto checked = checkValue(field->schema, member.value()); !checked)
            return Unexpected(
                badBody(u"%1 %2."_s.arg(member.key(), checked.error()), member.key()));
    }
    for (const AdminField &field : route.body) {
        if (field.required && !into.body.contains(field.name))
            return Unexpected(badBody(u"%1 is missing."_s.arg(field.name), field.name));
    }
    return {};
}

} // namespace

std::optional<Pairs> matchPath(QByteArrayView pattern, QByteArrayView path)
{
    const QByteArrayList expected = pattern.toByteArray().split('/');
    const QByteArrayList given = path.toByteArray().split('/');
    if (expected.size() != given.size())
        return std::nullopt;
    Pairs parameters;
    for (qsizetype i = 0; i < expected.size(); ++i) {
        if (!expected[i].startsWith('{')) {
            if (expected[i] != given[i])
                return std::nullopt;
            continue;
        }
        auto value = decoded(given[i], false);
        if (!value || value->isEmpty())
            return std::nullopt;
        parameters.emplace_back(QString::fromLatin1(expected[i].sliced(1).chopped(1)),
                                std::move(*value));
    }
    return parameters;
}

std::vector<AdminField> parametersOf(const AdminRoute &route)
{
    std::vector<AdminField> fields = route.parameters;
    if (!route.list)
        return fields;
    const AdminList &list = *route.list;
    QStringList sorts;
    for (const AdminSort &sort : list.sorts)
        sorts << sort.name;
    AdminSchema limit = AdminTypes::integer(1, list.maxLimit);
    limit.insert(u"default"_s, list.defaultLimit);
    AdminSchema sort = AdminTypes::choice(sorts);
    sort.insert(u"default"_s, sorts.front());
    fields.push_back({ Limit, limit, u"The largest number of items in the answer"_s });
    fields.push_back(
        { Cursor, AdminTypes::text(8192, 1),
          u"`next` of the page before; it stands for the order and the filters, too"_s });
    fields.push_back({ Sort, sort, u"The member by which the items are sorted"_s });
    fields.push_back({ Order, AdminTypes::choice({ u"forward"_s, u"reverse"_s }),
                       u"reverse: from the end of the order"_s });
    const bool isOneType = list.sorts.size() == 1;
    fields.push_back({ Seek, isOneType ? list.sorts.front().key.front() : AdminTypes::text(256, 1),
                       u"A value of the sort key; the page begins at the first item that is not "
                       "before it"_s });
    return fields;
}

Result<AdminRequest, Problem> parseRequest(const AdminRoute &route, const Pairs &path,
                                           const HttpRequest &request)
{
    AdminRequest parsed;
    for (const auto &[name, text] : path) {
        const AdminField *const field = findField(route.parameters, name);
        Q_ASSERT_X(field, "AdminRoute", "a parameter of the path is not described");
        CARILLON_TRY_VOID(takeValue(*field, text, parsed.path));
    }
    CARILLON_TRY_VOID(takeQuery(route, request.query, parsed));
    CARILLON_TRY_VOID(takeBody(route, request, parsed));
    return parsed;
}

} // namespace Carillon
