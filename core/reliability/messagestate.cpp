// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/messagestate.h"

#include <QtGlobal>

namespace Carillon {

QByteArrayView stateName(MessageState state)
{
    switch (state) {
    case MessageState::Received:
        return "received";
    case MessageState::Stored:
        return "stored";
    case MessageState::IntTransmitted:
        return "int_transmitted";
    case MessageState::IntAccepted:
        return "int_accepted";
    case MessageState::Retrieved:
        return "retrieved";
    case MessageState::BridgeTransmitted:
        return "bridge_transmitted";
    case MessageState::Transmitted:
        return "transmitted";
    case MessageState::Accepted:
        return "accepted";
    case MessageState::Delivered:
        return "delivered";
    case MessageState::DecryptionError:
        return "decryption_error";
    case MessageState::NotDelivered:
        return "not_delivered";
    case MessageState::Expired:
        return "expired";
    case MessageState::Errored:
        return "errored";
    }
    Q_UNREACHABLE();
}

std::optional<MessageState> parseState(QByteArrayView name)
{
    for (int i = 0; i < MessageStateCount; ++i) {
        const auto state = static_cast<MessageState>(i);
        if (stateName(state) == name)
            return state;
    }
    return std::nullopt;
}

bool isTerminal(MessageState state)
{
    switch (state) {
    case MessageState::BridgeTransmitted:
    case MessageState::Delivered:
    case MessageState::DecryptionError:
    case MessageState::NotDelivered:
    case MessageState::Expired:
    case MessageState::Errored:
        return true;
    case MessageState::Received:
    case MessageState::Stored:
    case MessageState::IntTransmitted:
    case MessageState::IntAccepted:
    case MessageState::Retrieved:
    case MessageState::Transmitted:
    case MessageState::Accepted:
        return false;
    }
    Q_UNREACHABLE();
}

MessageState stateOfAck(int code)
{
    return code == 101 ? MessageState::DecryptionError
        : code == 102  ? MessageState::NotDelivered
                       : MessageState::Delivered;
}

} // namespace Carillon
