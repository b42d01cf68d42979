// SPDX-License-Identifier: MPL-2.0
#include "server/admin/openapi.h"

#include "server/admin/requestparser.h"

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QJsonObject jsonContent(const QString &type, const QJsonObject &schema)
{
    return { { type, QJsonObject { { u"schema"_s, schema } } } };
}

QJsonObject problemSchema()
{
    return AdminTypes::object({
        { u"type"_s, AdminTypes::text(256), u"Where this server describes the problem"_s, true },
        { u"title"_s, AdminTypes::text(256), {}, true },
        { u"status"_s, AdminTypes::integer(400, 599), {}, true },
        { u"detail"_s, AdminTypes::text(4096), u"What is wrong with this request"_s, true },
        { u"parameter"_s, AdminTypes::text(256), u"The parameter or member that is wrong"_s },
    });
}

QJsonObject answerSchema(const AdminRoute &route)
{
    if (!route.list)
        return route.answer;
    return AdminTypes::object({
        { u"items"_s, AdminTypes::list(route.list->item), {}, true },
        { u"next"_s, AdminTypes::orNull(AdminTypes::text(8192)),
          u"The cursor of the next page; null: there is none"_s, true },
        { u"total"_s, AdminTypes::orNull(AdminTypes::integer()),
          u"The number of items on all pages; null: not counted"_s, true },
    });
}

QJsonArray parameters(const AdminRoute &route)
{
    QJsonArray all;
    for (const AdminField &field : parametersOf(route)) {
        const bool isOfPath = route.path.contains(QByteArray('{' + field.name.toLatin1() + '}'));
        all.append(QJsonObject { { u"name"_s, field.name },
                                 { u"in"_s, isOfPath ? u"path"_s : u"query"_s },
                                 { u"required"_s, isOfPath || field.required },
                                 { u"description"_s, field.description },
                                 { u"schema"_s, field.schema } });
    }
    return all;
}

/// Problems of a route by status, with what every route may answer.
QJsonObject responses(const AdminRoute &route)
{
    std::vector<ProblemType> problems = route.problems;
    problems.insert(problems.end(),
                    { ProblemType::BadRequest, ProblemType::RequestTimeout,
                      ProblemType::HeadTooLarge, ProblemType::Internal, ProblemType::Unavailable });
    if (!route.isPublic)
        problems.insert(
            problems.end(),
            { ProblemType::Unauthorized, ProblemType::Forbidden, ProblemType::TooManyRequests });
    if (!route.body.empty())
        problems.insert(problems.end(),
                        { ProblemType::BodyTooLarge, ProblemType::UnsupportedMediaType });
    QMap<QString, QStringList> names; // by status
    for (const ProblemType type : problems) {
        const ProblemInfo &info = problemInfo(type);
        QStringList &all = names[QString::number(info.status)];
        if (!all.contains(QLatin1StringView(info.title)))
            all << QLatin1StringView(info.title);
    }
    QJsonObject answers;
    for (auto each = names.cbegin(); each != names.cend(); ++each)
        answers.insert(
            each.key(),
            QJsonObject { { u"description"_s, each.value().join(u"; "_s) },
                          { u"content"_s,
                            jsonContent(u"application/problem+json"_s,
                                        { { u"$ref"_s, u"#/components/schemas/Problem"_s } }) } });
    QJsonObject good { { u"description"_s, u"Success"_s } };
    if (route.status != 204 && route.status != 101) {
        QJsonObject content = jsonContent(u"application/json"_s, answerSchema(route));
        if (!route.otherType.isEmpty())
            content.insert(route.otherType, QJsonObject());
        good.insert(u"content"_s, content);
    }
    answers.insert(QString::number(route.status), good);
    if (!route.isAction() && route.status == 200)
        answers.insert(u"304"_s,
                       QJsonObject { { u"description"_s, u"It is as If-None-Match says"_s } });
    return answers;
}

QJsonObject operation(const AdminRoute &route)
{
    QJsonObject operation {
        { u"operationId"_s, route.operation },
        { u"summary"_s, route.summary },
        { u"x-role"_s, route.isPublic ? u"none"_s : roleName(route.role) },
        { u"tags"_s, QJsonArray { QString::fromLatin1(route.path.split('/').value(1)) } },
        { u"parameters"_s, parameters(route) },
        { u"responses"_s, responses(route) },
    };
    if (route.isPublic)
        operation.insert(u"security"_s, QJsonArray());
    if (!route.body.empty()) {
        const bool isRequired = std::ranges::any_of(route.body, &AdminField::required);
        operation.insert(
            u"requestBody"_s,
            QJsonObject { { u"required"_s, isRequired },
                          { u"content"_s,
                            jsonContent(u"application/json"_s, AdminTypes::object(route.body)) } });
    }
    if (route.list) {
        QStringList sorts;
        for (const AdminSort &sort : route.list->sorts)
            sorts << sort.name;
        QStringList filters;
        for (const AdminField &field : route.parameters) {
            if (!route.path.contains(QByteArray('{' + field.name.toLatin1() + '}')))
                filters << field.name;
        }
        operation.insert(u"x-sort"_s, QJsonArray::fromStringList(sorts));
        operation.insert(u"x-filter"_s, QJsonArray::fromStringList(filters));
    }
    return operation;
}

} // namespace

QJsonObject openApiDocument(const AdminApi &api)
{
    QJsonObject paths;
    for (const AdminRoute &route : api.routes()) {
        const QString path = QString::fromLatin1(route.path);
        QJsonObject methods = paths.value(path).toObject();
        methods.insert(QString::fromLatin1(route.method.toLower()), operation(route));
        paths.insert(path, methods);
    }
    return {
        { u"openapi"_s, u"3.1.0"_s },
        { u"info"_s,
          QJsonObject { { u"title"_s, u"Carillon admin API"_s },
                        { u"version"_s, QLatin1StringView(AdminApiVersion) },
                        { u"license"_s,
                          QJsonObject { { u"name"_s, u"MPL-2.0"_s },
                                        { u"identifier"_s, u"MPL-2.0"_s } } } } },
        { u"servers"_s,
          QJsonArray { QJsonObject { { u"url"_s, QLatin1StringView(AdminApiPrefix) } } } },
        { u"security"_s, QJsonArray { QJsonObject { { u"token"_s, QJsonArray() } } } },
        { u"components"_s,
          QJsonObject { { u"securitySchemes"_s,
                          QJsonObject { { u"token"_s,
                                          QJsonObject { { u"type"_s, u"http"_s },
                                                        { u"scheme"_s, u"bearer"_s } } } } },
                        { u"schemas"_s, QJsonObject { { u"Problem"_s, problemSchema() } } } } },
        { u"paths"_s, paths },
    };
}

void addDescription(AdminApi &api)
{
    api.add({ .method = "GET",
              .path = "/openapi.json",
              .operation = u"getOpenApi"_s,
              .summary = u"returns this document"_s,
              .answer = AdminTypes::map(AdminTypes::any()),
              .handler = [&api](const AdminRequest &, const AdminResponder &responder) {
                  responder.send(openApiDocument(api));
              } });
    QStringList names;
    for (const ProblemInfo &info : allProblems())
        names << QLatin1StringView(info.name);
    api.add({ .method = "GET",
              .path = "/problems/{problem}",
              .operation = u"getProblem"_s,
              .summary = u"describes a type of problem"_s,
              .isPublic = true,
              .parameters = { { u"problem"_s, AdminTypes::choice(names), u"Its name"_s } },
              .answer = AdminTypes::object({
                  { u"type"_s, AdminTypes::text(), {}, true },
                  { u"title"_s, AdminTypes::text(), {}, true },
                  { u"status"_s, AdminTypes::integer(400, 599), {}, true },
                  { u"description"_s, AdminTypes::text(1000), {}, true },
              }),
              .handler = [](const AdminRequest &request, const AdminResponder &responder) {
                  const ProblemType type = *problemNamed(request.text(u"problem"_s));
                  const ProblemInfo &info = problemInfo(type);
                  responder.send({ { u"type"_s, problemUrl(type) },
                                   { u"title"_s, QLatin1StringView(info.title) },
                                   { u"status"_s, info.status },
                                   { u"description"_s, QLatin1StringView(info.description) } });
              } });
}

} // namespace Carillon
