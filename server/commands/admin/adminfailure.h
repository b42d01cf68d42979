// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/commandline.h"

#include <QString>

namespace Carillon {

/// Why a server did not do what a command asked for.
struct AdminFailure
{
    ExitCode exitCode = ExitCode::Failure;
    /// One sentence without a full stop, for people.
    QString sentence = {};
    /// Status of the response; 0: there was none.
    int status = 0;
};

} // namespace Carillon
