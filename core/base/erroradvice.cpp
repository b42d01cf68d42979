// SPDX-License-Identifier: MPL-2.0
#include "core/base/erroradvice.h"

namespace Carillon {

QByteArrayView errorAdvice(ErrorCode code)
{
    switch (code) {
    case ErrorCode::UnknownApiVersion:
        return "Use the endpoint exactly as the browser gave it; its path begins with `/wpush/v1/` "
               "or `/wpush/v2/`.";
    case ErrorCode::InvalidToken:
        return "Check that the URL is complete and unchanged. Operator: if this happens to many "
               "endpoints, an entry of `keys.crypto_keys` is missing.";
    case ErrorCode::InvalidMessageId:
        return "Send `DELETE` to the URL in the `Location` header of the 201, unchanged.";
    case ErrorCode::NoSuchUser:
        return "The browser profile or the app is gone, or has not connected for 60 days. Delete "
               "the subscription.";
    case ErrorCode::NoSuchSubscription:
        return "The subscription no longer exists. Delete it.";
    case ErrorCode::UserDeleted:
        return "The browser profile or the app is gone. Delete the subscription.";
    case ErrorCode::BodyTooLarge:
        return "Send less: 3,993 bytes of plain text fit into the 4,096 bytes that every push "
               "service accepts. For more, send an id and have the app fetch the content.";
    case ErrorCode::EncodingMissing:
        return "Encrypt the body (RFC 8291) and send this header. A push library does both.";
    case ErrorCode::EncodingUnknown:
        return "Encrypt the body (RFC 8291) and send the encoding that was used. A push library "
               "does both.";
    case ErrorCode::SaltMissing:
        return "Add `Encryption: salt=…`. Better, use `aes128gcm`.";
    case ErrorCode::SaltInvalid:
        return "Encode the 16 bytes of the salt in base64url.";
    case ErrorCode::DhInvalid:
        return "Send the public key of this message as `dh` in base64url.";
    case ErrorCode::SaltNotAllowed:
        return "Leave the `Encryption` header out, or correct `Content-Encoding`.";
    case ErrorCode::DhNotAllowed:
        return "Leave `dh` out of `Crypto-Key`.";
    case ErrorCode::CryptoKeyMissing:
        return "The schemes `WebPush` and `Bearer` require `Crypto-Key: p256ecdsa=…`. Better, use "
               "`Authorization: vapid t=…, k=…`.";
    case ErrorCode::CryptoKeyInvalid:
        return "Send `name=value` pairs, separated by `;` or `,`.";
    case ErrorCode::TtlMissing:
        return "Send `TTL`, the number of seconds for which the server keeps the message. With 0 "
               "it is delivered at once or not at all.";
    case ErrorCode::TtlInvalid:
        return "Send digits only.";
    case ErrorCode::TtlNegative:
        return "Use 0 or more.";
    case ErrorCode::TopicInvalid:
        return "Shorten the topic, for example to a hash of it.";
    case ErrorCode::VapidMissing:
        return "The page subscribed with an `applicationServerKey`: sign with the private half of "
               "that key.";
    case ErrorCode::VapidHeaderInvalid:
        return "Send `Authorization: vapid t=<token>, k=<public key>`.";
    case ErrorCode::VapidTokenInvalid:
        return "Create the token with a library.";
    case ErrorCode::VapidKeyInvalid:
        return "`k` is 65 bytes beginning with 4, in base64url.";
    case ErrorCode::VapidAlgorithm:
        return "Other algorithms, including `none`, are not allowed.";
    case ErrorCode::VapidSignature:
        return "The public key does not belong to the private key, or the token was changed. The "
               "signature must be 64 bytes, not DER.";
    case ErrorCode::VapidAudience:
        return "`aud` is the scheme, host and port of the endpoint, without a path. It is compared "
               "as a URL. Operator: if this happens to every sender, `endpoint.url` is not the "
               "address in the subscriptions.";
    case ErrorCode::VapidExpiryMissing:
        return "`exp` is the seconds since 1970 as a JSON number, not milliseconds and not a "
               "string.";
    case ErrorCode::VapidExpired:
        return "Create a new token. Check the clock.";
    case ErrorCode::VapidExpiryTooFar:
        return "Create tokens that are valid for 12 hours. Check the clock.";
    case ErrorCode::VapidSubjectInvalid:
        return "Use an address at which you can be reached: `mailto:…` or `https:…`.";
    case ErrorCode::VapidKeyMismatch:
        return "The key was changed after the user subscribed. Use the old key for this "
               "subscription, or have the page subscribe again.";
    case ErrorCode::SenderBlocked:
        return "Ask the operator of the server. Operator: the admin API lists, blocks and unblocks "
               "senders.";
    case ErrorCode::StorageUnavailable:
        return "Try again after `Retry-After`. Operator: the database was moved or is locked, or "
               "the disk is full; the log says which (docs/database.md).";
    case ErrorCode::StorageFull:
        return "Try again after `Retry-After`. Pushes with TTL 0 are still delivered. Operator: "
               "`storage.max_database_size` or `storage.min_free_disk` is reached "
               "(docs/database.md).";
    case ErrorCode::ClockNotTrusted:
        return "Try again after `Retry-After`. The VAPID token is valid except for its time, and "
               "the server does not trust its own clock. Operator: set the clock (docs/clock.md).";
    case ErrorCode::Overloaded:
        return "Try again after `Retry-After`.";
    case ErrorCode::QueueFull:
        return "The client has been offline for long. Try again after `Retry-After`. With a "
               "`Topic`, a new message replaces the old one. Operator: `storage.max_messages` and "
               "`max_bytes`, or `max_bytes_per_address`; the log has a line about the latter.";
    case ErrorCode::RateLimited:
        return "Try again after `Retry-After`, when the next request will be accepted. A client "
               "whose register is answered with this status stays connected and may register "
               "later. Operator: `[rate_limits]` has limits by sender, subscription, client and "
               "address.";
    case ErrorCode::TooManyConnections:
        return "Use one connection for many pushes. Operator: `limits.connections_per_address`; "
               "behind a proxy, `trusted_proxies`.";
    case ErrorCode::Internal:
        return "Try again later. Operator: the log has the details. Please report the error.";
    case ErrorCode::TestError:
        return "Nothing. Somebody requested this error at `/v1/err` to test error reporting.";
    case ErrorCode::NotFound:
        return "Check the path.";
    case ErrorCode::MethodNotAllowed:
        return "The `Allow` header lists the methods that are allowed.";
    case ErrorCode::BadRequest:
        return "The connection is closed. Check the request, and the proxies between the sender "
               "and the server.";
    case ErrorCode::Unauthorized:
        return "Operator: give all nodes the same `keys.cluster_secret` or the same "
               "`keys.crypto_keys`, and set their clocks.";
    case ErrorCode::UpgradeRequired:
        return "Senders must post to the endpoint URL of the subscription. Operator: a reverse "
               "proxy must forward `Upgrade` and `Connection`.";
    case ErrorCode::RequestTimeout:
        return "Send it again.";
    case ErrorCode::HeadTooLarge:
        return "Send at most 16 KiB and 64 fields.";
    case ErrorCode::UaidReset:
        return "Send hello without a uaid, and register again.";
    case ErrorCode::ServerStopping:
    case ErrorCode::Draining:
        return "Reconnect. Nothing is lost.";
    case ErrorCode::ProtocolViolation:
        return "The client violates RFC 6455.";
    case ErrorCode::BinaryMessage:
        return "Send text frames.";
    case ErrorCode::InvalidUtf8:
        return "Send UTF-8.";
    case ErrorCode::MessageTooBig:
        return "Split acks over several messages.";
    case ErrorCode::InvalidMessage:
        return "The message was not JSON, had an unknown type, lacked a field, had a field of the "
               "wrong type, or was not allowed at this point.";
    case ErrorCode::HandshakeTimeout:
        return "Send hello within 5 seconds.";
    case ErrorCode::PongTimeout:
        return "Reconnect. The server took the connection for dead.";
    case ErrorCode::ExcessivePing:
        return "Ping at most every 45 seconds.";
    case ErrorCode::Ghost:
        return "Nothing, if the newer connection is yours. Two clients that share a uaid, such as "
               "a copied profile, disconnect each other again and again. Give one of them a new "
               "profile.";
    case ErrorCode::SlowReader:
        return "Reconnect. Messages that were not acknowledged are sent again.";
    case ErrorCode::TryAgainLater:
        return "Reconnect later with the same uaid.";
    case ErrorCode::Disconnected:
        return "Reconnect with the same uaid.";
    case ErrorCode::InvalidClientKey:
        return "Send the page's `applicationServerKey`: the 65 bytes of an uncompressed point of "
               "P-256 (RFC 8292 section 3.2), in base64url. Nobody could push to a subscription "
               "with any other key.";
    case ErrorCode::TooManyChannels:
        return "Unregister channels that are no longer used.";
    }
    Q_UNREACHABLE();
}

bool hasHttpStatus(ErrorCode code)
{
    return httpStatus(code) != 500 || code == ErrorCode::Internal;
}

bool hasCloseCode(ErrorCode code)
{
    // What no request is answered with ends a connection, and so does an internal error.
    return closeCode(code) != 1011 || httpStatus(code) == 500;
}

std::optional<ErrorCode> errorNamed(QByteArrayView name)
{
    for (int index = 0; index < ErrorCodeCount; ++index) {
        const auto code = static_cast<ErrorCode>(index);
        if (errorName(code) == name)
            return code;
    }
    return std::nullopt;
}

} // namespace Carillon
