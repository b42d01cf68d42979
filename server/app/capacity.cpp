// SPDX-License-Identifier: MPL-2.0
#include "server/app/capacity.h"

#include "server/net/connectionlimits.h"

#include <QThread>

#include <algorithm>

#include <sys/resource.h>

namespace Carillon {

std::int64_t descriptorLimit()
{
    constexpr rlim_t Plenty = 1 << 30;
    rlimit limit {};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0
        ? static_cast<std::int64_t>(std::min(limit.rlim_max, Plenty))
        : 1'024;
}

std::int64_t connectionsInAll(const Settings &settings)
{
    const std::int64_t wanted = settings.connections.inAll;
    return wanted == 0 ? ConnectionLimits::placesOf(descriptorLimit(), workerCount(settings))
                       : wanted;
}

QStringList doubtsOfConnections(const Settings &settings)
{
    const std::int64_t places =
        ConnectionLimits::placesOf(descriptorLimit(), workerCount(settings));
    const std::int64_t wanted = settings.connections.inAll;
    if (wanted <= places)
        return {};
    return { QStringLiteral("limits.connections is %1 and the descriptor limit has room for %2 "
                            "only; raise LimitNOFILE")
                 .arg(wanted)
                 .arg(places) };
}

int workerCount(const Settings &settings)
{
    return settings.workers > 0 ? settings.workers : QThread::idealThreadCount();
}

} // namespace Carillon
