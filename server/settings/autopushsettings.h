// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settingslayer.h"

namespace Carillon {

/// What autopush's variables and files say, in Carillon's names.
struct AutopushLayer
{
    Layer layer;
    QStringList problems;
    QStringList warnings;
};

/// Translates AUTOCONNECT__* and AUTOEND__* variables, and autopush's flat TOML files below them,
/// as far as they concern the role (configuration.md, "Settings of autopush").
/// configured: what stronger sources say, which settles what these leave open or contradict.
[[nodiscard]] AutopushLayer readAutopush(const QMap<QString, QString> &environment,
                                         const QStringList &files, Role role,
                                         const Layer &configured);

} // namespace Carillon
