// SPDX-License-Identifier: MPL-2.0
#include "server/settings/topology.h"

namespace Carillon {

// The processes with the roles apart share one database file. A process with role all is alone.
Topology::Topology(const Settings &settings)
    : m_holdsClients(settings.role != Role::Endpoint),
      m_takesPushes(settings.role != Role::Connect),
      m_hasOtherProcesses(settings.role != Role::All), m_sharesStorage(m_hasOtherProcesses),
      m_requiresSignatures(!settings.keys.clusterSecret.isEmpty()
                           || !isLoopbackOnly(settings.router.host))
{
}

bool Topology::hasListener(ListenerName listener) const
{
    switch (listener) {
    case ListenerName::Connect:
    case ListenerName::Router:
        return m_holdsClients;
    case ListenerName::Endpoint:
        return m_takesPushes;
    case ListenerName::Admin:
        break;
    }
    return true;
}

} // namespace Carillon
