// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminsession.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace Carillon {

/// What the value of an option becomes in a query.
enum class FilterKind : std::uint8_t {
    Text,
    Client, ///< a UAID or its first digits
    Yes, ///< a switch: "true"
    No, ///< a switch: "false"
    Span, ///< "90s", "10m", "2h", "3d": seconds
    Since, ///< such a span before now, or a time in RFC 3339
};

struct ListFilter
{
    Option option;
    QString parameter;
    FilterKind kind = FilterKind::Text;
};

/// A list of the API as a command.
struct Listing
{
    QByteArray path;
    std::vector<Field> fields;
    std::vector<ListFilter> filters;
    /// What is printed if there is nothing: "no clients".
    QString nothing;
    /// Values of --sort; empty: the list has one order.
    QStringList sorts = {};
};

/// The options of a list: its filters, and how much of it.
[[nodiscard]] std::vector<Option> listOptions(const Listing &listing);
/// The query that the options stand for.
[[nodiscard]] Result<QUrlQuery, AdminFailure>
listQuery(const Listing &listing, const Arguments &arguments, AdminClient &client);
/// How much of a list is wanted: --all, --limit, or the default.
[[nodiscard]] Result<qint64, AdminFailure> limitOf(const Arguments &arguments,
                                                   qint64 byDefault = 100);
/// Reads as many pages as wanted: all items, or as many as --limit says.
[[nodiscard]] Result<AdminReply, AdminFailure> readList(AdminClient &client, const QByteArray &path,
                                                        const QUrlQuery &query, qint64 limit);
/// Prints the list that the options ask for.
[[nodiscard]] ExitCode printListing(const Listing &listing, AdminSession &session,
                                    const Arguments &arguments);
/// A command that does that.
[[nodiscard]] Command listCommand(Command command, Listing listing);

/// "90s", "10m", "2h", "3d" in seconds.
[[nodiscard]] std::optional<std::chrono::seconds> parseSpan(const QString &text);

} // namespace Carillon
