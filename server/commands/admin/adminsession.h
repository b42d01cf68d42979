// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminclient.h"
#include "server/commands/admin/eventline.h"
#include "server/commands/admin/fields.h"
#include "server/commands/terminal/terminal.h"

#include <QJsonValue>

#include <functional>
#include <span>

namespace Carillon {

/// What a command that uses a server's admin API needs: the server, and how its answers are shown.
/// Thread: main.
struct AdminSession
{
    AdminClient client;
    Terminal terminal;
    bool isJson = false;
    bool isWide = false;

    [[nodiscard]] View viewOf(const AdminReply &reply) const
    {
        return { .now = reply.serverTime, .isWide = isWide };
    }
    /// The width that output is fitted to; 0: no limit.
    [[nodiscard]] int width() const { return isWide ? 0 : terminal.width; }
    [[nodiscard]] LineStyle lineStyle() const { return { terminal.palette, isWide, width() }; }
};

using AdminRun = std::function<ExitCode(AdminSession &, const Arguments &)>;

/// Completes a command: adds the options that name a server, --json and --wide, and finds the
/// server before it runs.
[[nodiscard]] Command adminCommand(Command command, AdminRun run);

/// Reports a failure on stderr; returns its exit code.
ExitCode report(const AdminFailure &failure);
/// Reports a wrong command line.
ExitCode reportUsage(const QString &sentence);

/// JSON whose text no terminal obeys: what printable() would replace is escaped.
[[nodiscard]] QString jsonText(const QJsonObject &document, bool inOneLine = false);
void printJson(const QJsonObject &document);
/// Prints a table, and in a terminal which columns had no room, after `remark`.
void printTable(const AdminSession &session, const Table &table, const QString &remark = {});

/// A name and what stands beside it.
struct Fact
{
    QString name;
    Cell value;
};
/// Prints names and values in two columns; long values go on below. An empty name begins a
/// paragraph.
void printFacts(const AdminSession &session, std::span<const Fact> facts);
/// The facts of a document, in the order of the fields; without those that it does not have.
[[nodiscard]] std::vector<Fact> factsOf(std::span<const Field> fields, const QJsonObject &document,
                                        const View &view);

} // namespace Carillon
