// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/commandline.h"

#include <QString>

#include <span>

namespace Carillon {

enum class Shell { Bash, Zsh, Fish };

/// A script that completes these commands, their words, options and the values of options.
[[nodiscard]] QString completionScript(Shell shell, std::span<const Command> commands);

} // namespace Carillon
