// SPDX-License-Identifier: MPL-2.0
#include "core/base/threadname.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace Carillon {

void nameThisThread([[maybe_unused]] const char *name)
{
#ifdef __linux__
    ::prctl(PR_SET_NAME, name);
#endif
}

} // namespace Carillon
