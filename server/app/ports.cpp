// SPDX-License-Identifier: MPL-2.0
#include "server/app/ports.h"

#include "core/base/log.h"
#include "server/net/listensocket.h"
#include "server/settings/topology.h"

#include <unistd.h>

namespace Carillon {
namespace {

/// A port that is free on one address may be taken on the next.
constexpr int FreePortTries = 16;

/// A port that is free on all addresses, where 0 asks for any; fails if another server listens on
/// it.
Result<quint16, QString> takePort(const Addresses &addresses, quint16 port)
{
    for (int tries = 1;; ++tries) {
        quint16 taken = port;
        if (port == 0) {
            const Result<int, QString> socket = openListeningSocket(addresses.front(), 0);
            if (!socket)
                return Unexpected(socket.error());
            taken = localPort(*socket);
            ::close(*socket);
        }
        const Result<void, QString> free = probePort(addresses, taken);
        if (free)
            return taken;
        if (port != 0 || tries == FreePortTries)
            return Unexpected(free.error());
    }
}

} // namespace

Result<void, QString> Ports::take(Settings &settings) const
{
    struct Wanted
    {
        bool needed;
        ListenerName name;
        Addresses &host;
        quint16 &port;
        QByteArray *url;
    };
    const Topology topology(settings);
    const bool connects = topology.holdsClients();
    for (const Wanted &each :
         { Wanted { connects, ListenerName::Connect, settings.connect.host, settings.connect.port,
                    nullptr },
           Wanted { connects, ListenerName::Router, settings.router.host, settings.router.port,
                    &settings.router.url },
           Wanted { topology.takesPushes(), ListenerName::Endpoint, settings.endpoint.host,
                    settings.endpoint.port, &settings.endpoint.url } }) {
        if (!each.needed)
            continue;
        if (descriptors(each.name).empty()) {
            if (leaveOutMissing(each.host))
                qCInfo(lcApp) << "this machine has no IPv6; localhost is 127.0.0.1 only";
            const Result<quint16, QString> port = takePort(each.host, each.port);
            if (!port)
                return Unexpected(port.error());
            each.port = *port;
        }
        if (each.url && each.url->isEmpty())
            *each.url = httpOrigin(settings, each.name);
    }
    return {};
}

Result<void, QString> Ports::takeAdmin(AdminOptions &options) const
{
    if (!descriptors(ListenerName::Admin).empty())
        return {};
    leaveOutMissing(options.host);
    CARILLON_TRY(options.port, takePort(options.host, options.port));
    return {};
}

Result<void, QString> Ports::listen(Transport &transport, ListenerName name,
                                    const Addresses &addresses, Listener listener) const
{
    const std::vector<int> passed = descriptors(name);
    for (const int descriptor : passed) {
        listener.inherited = descriptor;
        listener.address = localAddress(descriptor);
        if (const auto port = transport.listen(listener); !port)
            return Unexpected(port.error());
    }
    if (!passed.empty())
        return {};
    for (const QHostAddress &address : addresses) {
        listener.address = address;
        if (const auto port = transport.listen(listener); !port)
            return Unexpected(port.error());
    }
    return {};
}

std::vector<int> Ports::descriptors(ListenerName name) const
{
    std::vector<int> descriptors;
    for (const ActivatedSocket &socket : m_sockets) {
        if (socket.listener == name)
            descriptors.push_back(socket.descriptor);
    }
    return descriptors;
}

} // namespace Carillon
