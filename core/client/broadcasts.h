// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/protocol/broadcast.h"

#include <QByteArray>
#include <QHash>

#include <vector>

namespace Carillon {

/// The newest version of each broadcast that the megaphone knows, by id.
using BroadcastVersions = QHash<QByteArray, QByteArray>;

/// The broadcasts one client follows and the versions it was told.
class BroadcastSubscriptions
{
public:
    /// More ids than this are not remembered: no client has a use for them.
    static constexpr std::size_t MaxIds = 64;
    /// Nor are longer ones that the megaphone does not know yet.
    static constexpr qsizetype MaxUnknownIdBytes = 128;

    /// Follows these, also those that are unknown yet; gives what the client should hear of them.
    [[nodiscard]] BroadcastChanges subscribe(const std::vector<Broadcast> &broadcasts,
                                             const BroadcastVersions &current);
    /// What changed since the client was last told; counts as told from now on.
    [[nodiscard]] std::vector<Broadcast> changes(const BroadcastVersions &current);

private:
    /// Of an id that is known, with the version's text. Of another, with what told() makes of the
    /// version that the client named.
    std::vector<Broadcast> m_known;
};

} // namespace Carillon
