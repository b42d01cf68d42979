// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/problem.h"

#include <QJsonArray>
#include <QJsonObject>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace Carillon {

/// What a route answers.
struct AdminAnswer
{
    int status = 200;
    QJsonObject body;
    /// Instead of a body in JSON: another type of document, such as Markdown.
    QByteArray contentType = {};
    QByteArray bytes = {};
    /// What the audit log names as the target of an action; empty: the parameters of the path.
    QString target = {};
};

/// A page of a list.
struct AdminPage
{
    QJsonArray items;
    /// The key (AdminSort::key) of the last item, if there are more behind it.
    std::optional<QJsonArray> last = {};
    /// Of all pages; absent: it would be expensive to count.
    std::optional<std::int64_t> total = {};
};

/// Answers one request, once; a copy answers the same one, and further answers are ignored.
/// If all copies are gone without an answer, the request gets 500. Thread: any.
class AdminResponder
{
public:
    /// Takes the answer on any thread. Given to each copy of the responder.
    class Sink
    {
    public:
        virtual ~Sink() = default;
        virtual void take(AdminAnswer answer) = 0;
        virtual void take(AdminPage page) = 0;
        virtual void take(Problem problem) = 0;
    };

    explicit AdminResponder(std::shared_ptr<Sink> sink) : m_sink(std::move(sink)) { }

    void send(QJsonObject body, int status = 200) const
    {
        m_sink->take(AdminAnswer { .status = status, .body = std::move(body) });
    }
    void send(AdminAnswer answer) const { m_sink->take(std::move(answer)); }
    /// Only for routes with a list.
    void send(AdminPage page) const { m_sink->take(std::move(page)); }
    void fail(Problem problem) const { m_sink->take(std::move(problem)); }
    void fail(ProblemType type, QString detail) const
    {
        m_sink->take(Problem(type, std::move(detail)));
    }

private:
    std::shared_ptr<Sink> m_sink; // shared: responders are copied
};

} // namespace Carillon
