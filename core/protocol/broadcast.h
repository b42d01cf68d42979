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

/// What a client that subscribes to broadcasts is told: the ones that differ from what it knows,
/// and the ids that this server does not know.
struct BroadcastChanges
{
    std::vector<Broadcast> changed;
    std::vector<QByteArray> unknown;
    [[nodiscard]] bool isEmpty() const { return changed.empty() && unknown.empty(); }
};

} // namespace Carillon
