// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/commandline.h"

#include <QString>

namespace Carillon {

/// The option that confirm() reads.
[[nodiscard]] Option yesOption();
/// Asks whether to do something that cannot be undone. consequence: a sentence without a full stop
/// that names the target and what happens to it. The error is how the command ends: the user said
/// no, or there is no terminal to ask on.
[[nodiscard]] Result<void, ExitCode> confirm(const Arguments &arguments,
                                             const QString &consequence);

} // namespace Carillon
