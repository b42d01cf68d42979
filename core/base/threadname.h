// SPDX-License-Identifier: MPL-2.0
#pragma once

namespace Carillon {

/// Names the calling thread for who looks at the process (`top -H`, debuggers, profilers); Linux
/// keeps 15 characters. Without effect where the system has no such names.
void nameThisThread(const char *name);

} // namespace Carillon
