// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/app/activation.h"
#include "server/net/transport.h"

#include <vector>

namespace Carillon {

/// The addresses, ports and sockets at which this process listens.
/// Thread: any, once take() is done.
class Ports
{
public:
    /// sockets: which the service manager opened.
    explicit Ports(std::vector<ActivatedSocket> sockets) : m_sockets(std::move(sockets)) { }

    /// Finds a free port where settings leave it open, makes sure that the others are free, and
    /// completes the URLs that follow from them. The error is a sentence for the operator.
    [[nodiscard]] Result<void, QString> take(Settings &settings) const;

    /// The same for the admin listener. After all others listen.
    [[nodiscard]] Result<void, QString> takeAdmin(AdminOptions &options) const;

    /// Listens for this listener on a transport: on each socket that was passed for it, or else on
    /// each of its addresses. listener: everything else. The error is a sentence for the operator.
    [[nodiscard]] Result<void, QString> listen(Transport &transport, ListenerName name,
                                               const Addresses &addresses, Listener listener) const;

private:
    [[nodiscard]] std::vector<int> descriptors(ListenerName name) const;

    std::vector<ActivatedSocket> m_sockets;
};

} // namespace Carillon
