// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

/// Everything that can go wrong for a sender, a client or a peer. What each code means on the wire
/// is in the tables below; docs/errors.md lists the same codes and a test compares them.
enum class ErrorCode : std::uint8_t {
    // A sender's request (protocol.md §3).
    UnknownApiVersion,
    InvalidToken,
    InvalidMessageId,
    NoSuchUser,
    NoSuchSubscription,
    UserDeleted,
    BodyTooLarge,
    EncodingMissing,
    EncodingUnknown,
    SaltMissing,
    SaltInvalid,
    DhInvalid,
    SaltNotAllowed,
    DhNotAllowed,
    CryptoKeyMissing,
    CryptoKeyInvalid,
    TtlMissing,
    TtlInvalid,
    TtlNegative,
    TopicInvalid,
    // RFC 8292; all of them are 401/109.
    VapidMissing,
    VapidHeaderInvalid,
    VapidTokenInvalid,
    VapidKeyInvalid,
    VapidAlgorithm,
    VapidSignature,
    VapidAudience,
    VapidExpiryMissing,
    VapidExpired,
    VapidExpiryTooFar,
    VapidSubjectInvalid,
    VapidKeyMismatch,
    SenderBlocked, ///< by an administrator
    // The server's own state: a sender tries again.
    StorageUnavailable,
    StorageFull,
    ClockNotTrusted,
    Overloaded,
    QueueFull,
    RateLimited,
    TooManyConnections,
    Internal,
    TestError,
    // HTTP below the routes.
    NotFound,
    MethodNotAllowed,
    BadRequest,
    Unauthorized,
    UpgradeRequired,
    RequestTimeout,
    HeadTooLarge,
    // Why a WebSocket connection ends (protocol.md §2.1).
    UaidReset,
    ServerStopping,
    Draining,
    ProtocolViolation,
    BinaryMessage,
    InvalidUtf8,
    MessageTooBig,
    InvalidMessage,
    HandshakeTimeout,
    PongTimeout,
    ExcessivePing,
    Ghost,
    SlowReader,
    TryAgainLater,
    Disconnected, ///< by an administrator
    // A client's register.
    InvalidClientKey,
    TooManyChannels,
};

/// Number of codes; ErrorCode values are 0 … count − 1.
inline constexpr int ErrorCodeCount = static_cast<int>(ErrorCode::TooManyChannels) + 1;

/// HTTP status of the response to a request that failed with this code; 500 for codes that no
/// request fails with.
[[nodiscard]] int httpStatus(ErrorCode code);
/// autopush's errno (protocol.md §3.3), absent where autopush says null.
[[nodiscard]] std::optional<int> autopushErrno(ErrorCode code);
/// WebSocket close code (RFC 6455 §7.4), 1011 for codes that are not about a connection.
[[nodiscard]] int closeCode(ErrorCode code);
/// Short name: close reason, label of metrics, anchor in docs/errors.md. ASCII, no spaces.
[[nodiscard]] QByteArrayView errorName(ErrorCode code);
/// One English sentence for the person who sent the request. It contains nothing from the request.
[[nodiscard]] QByteArrayView errorMessage(ErrorCode code);
/// The reason phrase of an HTTP status (RFC 9110 §15) that this server sends.
[[nodiscard]] QByteArrayView httpReason(int status);

} // namespace Carillon
