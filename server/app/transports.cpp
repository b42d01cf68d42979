// SPDX-License-Identifier: MPL-2.0
#include "server/app/transports.h"

#include "server/net/native/nativetransport.h"
#include "server/settings/settings.h"

#ifdef CARILLON_QT_TRANSPORT
#include "server/net/qt/qttransport.h"
#endif

namespace Carillon {

std::unique_ptr<Transport> makeTransport(Timers &timers, const Settings &settings)
{
#ifdef CARILLON_QT_TRANSPORT
    if (settings.transport == TransportKind::Qt)
        return std::make_unique<QtTransport>(
            timers, settings.limits,
            QtTransportOptions { .allowInsecureTransport = settings.allowInsecureTransport });
#endif
    Q_ASSERT(settings.transport == TransportKind::Native);
    return std::make_unique<NativeTransport>(timers, settings.limits);
}

} // namespace Carillon
