// SPDX-License-Identifier: MPL-2.0
#include "server/app/activation.h"

#include "server/net/listensocket.h"

#include <algorithm>
#include <optional>

#ifdef CARILLON_SYSTEMD
#include <cstdlib>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#endif

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString Where = u"systemd's socket"_s;

QString sectionOf(ListenerName listener)
{
    switch (listener) {
    case ListenerName::Connect:
        return u"connect"_s;
    case ListenerName::Endpoint:
        return u"endpoint"_s;
    case ListenerName::Router:
        return u"router"_s;
    case ListenerName::Admin:
        return u"admin"_s;
    }
    return {};
}

#ifdef CARILLON_SYSTEMD

std::optional<ListenerName> listenerOf(const QString &name)
{
    for (const ListenerName listener : { ListenerName::Connect, ListenerName::Endpoint,
                                         ListenerName::Router, ListenerName::Admin }) {
        if (name == sectionOf(listener))
            return listener;
    }
    return std::nullopt;
}

Result<ActivatedSocket, QString> activated(int descriptor, const QString &name)
{
    const std::optional<ListenerName> listener = listenerOf(name);
    if (!listener)
        return Unexpected(
            u"systemd passed a socket named \"%1\"; set FileDescriptorName= to connect, "
            "endpoint, router or admin in its unit"_s.arg(name));
    const bool listens = ::sd_is_socket(descriptor, AF_INET, SOCK_STREAM, 1) > 0
        || ::sd_is_socket(descriptor, AF_INET6, SOCK_STREAM, 1) > 0;
    if (!listens)
        return Unexpected(u"the socket named \"%1\" that systemd passes is no listening TCP "
                          u"socket; use ListenStream= with "
                          "a port, and Accept=no"_s.arg(name));
    return ActivatedSocket { *listener, descriptor, localAddress(descriptor),
                             localPort(descriptor) };
}

#endif

} // namespace

Result<std::vector<ActivatedSocket>, QString> takeActivatedSockets()
{
    std::vector<ActivatedSocket> sockets;
#ifdef CARILLON_SYSTEMD
    char **names = nullptr;
    const int count = ::sd_listen_fds_with_names(1, &names);
    QStringList given;
    for (int i = 0; i < count; ++i) {
        given << QString::fromLocal8Bit(names[i]);
        std::free(names[i]); // NOLINT(cppcoreguidelines-no-malloc): sd_listen_fds(3) asks for it
    }
    std::free(static_cast<void *>(names)); // NOLINT(cppcoreguidelines-no-malloc)
    for (int i = 0; i < count; ++i) {
        const auto socket = activated(SD_LISTEN_FDS_START + i, given[i]);
        if (!socket)
            return Unexpected(socket.error());
        const bool isElsewhere = std::ranges::any_of(sockets, [&](const ActivatedSocket &other) {
            return other.listener == socket->listener && other.port != socket->port;
        });
        if (isElsewhere)
            return Unexpected(
                u"systemd passed sockets named \"%1\" with different ports; give "
                "all ListenStream= lines of a listener the same port"_s.arg(given[i]));
        sockets.push_back(*socket);
    }
#endif
    return sockets;
}

Layer settingsOf(const std::vector<ActivatedSocket> &sockets)
{
    Layer layer;
    for (const ActivatedSocket &socket : sockets) {
        const QString section = sectionOf(socket.listener);
        RawValue &hosts = layer[section + u".host"_s];
        hosts.items << socket.address.toString();
        hosts.isList = true;
        hosts.where = Where;
        layer.insert(section + u".port"_s, { { QString::number(socket.port) }, false, Where });
    }
    return layer;
}

} // namespace Carillon
