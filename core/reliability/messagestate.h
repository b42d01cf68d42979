// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

/// Where a message is on its way, in the order of the way. The numbers are in the database, so they
/// never change.
///
///     received ──► stored ──► retrieved ─┐
///        │  ▲       │  ▲                 ▼
///        │  │       │  └──────────── transmitted ──► accepted ──► delivered*
///        │  │       ▼                 ▲  ▲                │
///        ├──┴─► int_transmitted ──► int_accepted          ├─────► decryption_error*
///        │                               │                └─────► not_delivered*
///        └─────► bridge_transmitted*     └── from received, too
///
/// A star marks a terminal state. `expired*` and `errored*` can end the way before that
/// (transitions.h has the whole table).
enum class MessageState : std::uint8_t {
    Received = 0, ///< a valid push
    Stored = 1, ///< committed to storage, and waiting there
    IntTransmitted = 2, ///< on its way to the node that holds the client's connection
    IntAccepted = 3, ///< taken by that node
    Retrieved = 4, ///< read from storage for its client
    BridgeTransmitted = 5, ///< handed to a bridge, which does not say what becomes of it
    Transmitted = 6, ///< written to the client's connection
    Accepted = 7, ///< the client has acknowledged it
    Delivered = 8, ///< ack code 100
    DecryptionError = 9, ///< ack code 101
    NotDelivered = 10, ///< ack code 102
    Expired = 11, ///< its TTL ended
    Errored = 12, ///< lost, or refused after it was found valid
};

/// Number of states; MessageState values are 0 … count − 1.
inline constexpr int MessageStateCount = static_cast<int>(MessageState::Errored) + 1;

[[nodiscard]] constexpr std::size_t toIndex(MessageState state)
{
    return static_cast<std::size_t>(state);
}

/// "int_transmitted".
[[nodiscard]] QByteArrayView stateName(MessageState state);
[[nodiscard]] std::optional<MessageState> parseState(QByteArrayView name);
/// Whether the way ends here.
[[nodiscard]] bool isTerminal(MessageState state);
/// What an ack with this code says of the message (AckUpdate::code).
[[nodiscard]] MessageState stateOfAck(int code);

} // namespace Carillon
