// SPDX-License-Identifier: MPL-2.0
#pragma once

namespace Carillon {

/// Names the calling thread, for `top -H`, debuggers and profilers. Linux keeps 15 characters. Has
/// no effect on systems without thread names.
void nameThisThread(const char *name);

} // namespace Carillon
