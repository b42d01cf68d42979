// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/message/notification.h"
#include "core/protocol/clientmessage.h"

#include <optional>
#include <vector>

namespace Carillon {

/// A client whose hello was read and whose record storage is asked for. What it says meanwhile
/// waits with the connection.
struct ClaimingClient
{
    Uaid uaid;
    std::vector<Broadcast> broadcasts;
    Urgency minimumUrgency = Urgency::VeryLow;
    /// Messages were stored for it, said another process while the claim was on its way.
    bool toldOfMessages = false;
    /// A connection of another process claimed the client at this moment
    /// (ClientRecord::connectedAt), said that process meanwhile; 0: none did.
    std::int64_t replacedAt = 0;
};

/// A client that has not said hello. All it can do is say it, which uses this object up.
class UnidentifiedClient
{
public:
    /// What hello makes of it: a client with this new UAID (nothing is stored of it yet), or a
    /// claim on a UAID that storage must confirm.
    struct Greeted
    {
        ClaimingClient client;
        bool isNew = false;
    };

    /// An absent, empty or malformed uaid gets a new one (protocol.md §2), which the caller makes:
    /// it knows the client's address.
    template<typename MakeUaid> [[nodiscard]] Greeted hello(Hello &&message, MakeUaid makeUaid) &&
    {
        const std::optional<Uaid> known = parseUaid(message.uaid);
        return { .client = { .uaid = known ? *known : makeUaid(),
                             .broadcasts = std::move(message.broadcasts),
                             .minimumUrgency = message.urgency.value_or(Urgency::VeryLow) },
                 .isNew = !known };
    }
};

} // namespace Carillon
