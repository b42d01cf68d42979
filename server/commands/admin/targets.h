// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminsession.h"

#include <QByteArray>
#include <QString>

#include <functional>

namespace Carillon {

/// The client that the only word of a command line names. The error is how the command ends.
[[nodiscard]] Result<QString, ExitCode> clientOf(AdminSession &session, const Arguments &arguments,
                                                 const QString &command);
/// The sentence for people that says what an action did, from its answer.
using Outcome = std::function<QString(const QJsonObject &answer)>;
/// Calls an action and prints what it did: its JSON, or a sentence.
[[nodiscard]] ExitCode act(AdminSession &session, const QByteArray &method, const QByteArray &path,
                           const Outcome &outcome, const QJsonObject &body = {});
[[nodiscard]] ExitCode act(AdminSession &session, const QByteArray &method, const QByteArray &path,
                           const QString &done, const QJsonObject &body = {});

} // namespace Carillon
