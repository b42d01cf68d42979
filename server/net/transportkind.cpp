// SPDX-License-Identifier: MPL-2.0
#include "server/net/transportkind.h"

namespace Carillon {

bool isBuiltIn(TransportKind kind)
{
#ifdef CARILLON_QT_TRANSPORT
    return kind == TransportKind::Native || kind == TransportKind::Qt;
#else
    return kind == TransportKind::Native;
#endif
}

} // namespace Carillon
