// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminsession.h"
#include "server/commands/admin/topview.h"
#include "server/commands/commands.h"
#include "server/commands/terminal/screen.h"

#include <QDeadlineTimer>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Keys do nothing while a server is waited for.
constexpr AdminPatience ShortPatience { .connection = std::chrono::milliseconds(1'000),
                                        .answer = std::chrono::milliseconds(2'000) };
constexpr int Rows = 200;

Result<QJsonArray, AdminFailure> readRows(AdminClient &client, TopView::Subject subject)
{
    QUrlQuery query;
    query.addQueryItem(u"limit"_s, QString::number(Rows));
    QByteArray path = "/senders";
    switch (subject) {
    case TopView::Subject::Clients:
        // Those with the most stored messages; where none has many, those seen last.
        path = "/clients";
        break;
    case TopView::Subject::Senders:
        break;
    case TopView::Subject::Nodes:
        path = "/nodes";
        query.clear();
        break;
    }
    CARILLON_TRY(const AdminReply reply, client.get(path, query));
    return reply.json.value("items"_L1).toArray();
}

Result<TopView::Data, AdminFailure> readAll(AdminClient &client, TopView::Subject subject)
{
    TopView::Data data;
    CARILLON_TRY(const AdminReply status, client.get("/status"));
    data.status = status.json;
    data.now = status.serverTime;
    CARILLON_TRY(const AdminReply stats, client.get("/stats"));
    data.stats = stats.json;
    // Of one list that this server does not have, the rest is still worth seeing.
    if (auto rows = readRows(client, subject))
        data.rows = *std::move(rows);
    else if (rows.error().status == 0)
        return Unexpected(rows.error());
    return data;
}

/// Draws until the user has enough.
ExitCode watch(AdminClient &client, std::chrono::milliseconds interval)
{
    // Before the screen is taken, so that a server that is not there is reported as usual.
    TopView view;
    auto first = readAll(client, view.subject());
    if (!first)
        return report(first.error());
    view.take(*std::move(first));
    QDateTime fresh = QDateTime::currentDateTimeUtc();
    Screen screen;
    QDeadlineTimer due(interval);
    for (;;) {
        const Terminal terminal = screen.terminal();
        screen.draw(view.lines(terminal.width, terminal.height, terminal.palette));
        const auto rest = view.isPaused() ? std::chrono::hours(1)
                                          : std::chrono::milliseconds(due.remainingTime());
        const Screen::Input input = screen.wait(rest);
        bool wantsData = input.event == Screen::Event::Nothing && !view.isPaused();
        if (input.event == Screen::Event::End)
            return ExitCode::Success;
        if (input.event == Screen::Event::Key) {
            const TopView::Wish wish = view.press(input.key);
            if (wish == TopView::Wish::Quit)
                return ExitCode::Success;
            wantsData = wish == TopView::Wish::Data;
        }
        if (!wantsData)
            continue;
        due.setRemainingTime(interval);
        if (auto data = readAll(client, view.subject())) {
            fresh = QDateTime::currentDateTimeUtc();
            view.take(*std::move(data));
        } else {
            view.setTrouble(data.error().sentence,
                            std::chrono::seconds(fresh.secsTo(QDateTime::currentDateTimeUtc())));
        }
    }
}

ExitCode top(AdminSession &session, const Arguments &arguments)
{
    if (!arguments.others().isEmpty())
        return reportUsage(u"top takes no %1"_s.arg(arguments.others().first()));
    const QString text = arguments.value(u"--interval"_s).value_or(u"1"_s);
    bool isNumber = false;
    const double seconds = text.toDouble(&isNumber);
    constexpr double Least = 0.2;
    constexpr double Most = 3600;
    if (!isNumber || seconds < Least || seconds > Most)
        return reportUsage(
            u"--interval: \"%1\" is not a number of seconds from 0.2 to 3600"_s.arg(text));
    if (!Screen::isPossible())
        return reportUsage(
            u"top needs a terminal; `carillon stats --json` prints figures for scripts"_s);
    AdminClient client(session.client.address(), ShortPatience);
    return watch(client, std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

} // namespace

Command topCommand()
{
    return adminCommand(
        {
            .name = u"top"_s,
            .synopsis = u"[options]"_s,
            .summary = u"shows a running server live: rates, latencies, clients, senders"_s,
            .description = u"Shows rates, latencies, storage and warnings of a server, and a table "
                           u"of its clients,\n"
                           "senders or nodes, every second. Keys sort, pause and scroll; h lists "
                           "them. If the\n"
                           "server goes away, the last figures stay, with their age."_s,
            .options = { { u"--interval"_s, u"SECONDS"_s,
                           u"Reads new figures after this time (default: 1)."_s } },
            .example = u"carillon top"_s,
        },
        top);
}

} // namespace Carillon
