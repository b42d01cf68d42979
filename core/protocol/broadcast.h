// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>

#include <vector>

namespace Carillon {

/// One broadcast and its version, as a client knows it or as the server has it (protocol.md §2.8).
struct Broadcast
{
    QByteArray id;
    QByteArray version;
    bool operator==(const Broadcast &) const = default;
};

/// The response to a client that subscribes to broadcasts: those whose version differs from the
/// client's, and the ids that this server does not know.
struct BroadcastChanges
{
    std::vector<Broadcast> changed;
    std::vector<QByteArray> unknown;
    [[nodiscard]] bool isEmpty() const { return changed.empty() && unknown.empty(); }
};

} // namespace Carillon
