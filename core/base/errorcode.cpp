// SPDX-License-Identifier: MPL-2.0
#include "core/base/errorcode.h"

namespace Carillon {

int httpStatus(ErrorCode code)
{
    switch (code) {
    case ErrorCode::UnknownApiVersion:
    case ErrorCode::InvalidToken:
    case ErrorCode::NotFound:
        return 404;
    case ErrorCode::NoSuchUser:
    case ErrorCode::NoSuchSubscription:
    case ErrorCode::UserDeleted:
        return 410;
    case ErrorCode::BodyTooLarge:
        return 413;
    case ErrorCode::InvalidMessageId:
    case ErrorCode::EncodingMissing:
    case ErrorCode::EncodingUnknown:
    case ErrorCode::SaltMissing:
    case ErrorCode::SaltInvalid:
    case ErrorCode::DhInvalid:
    case ErrorCode::SaltNotAllowed:
    case ErrorCode::DhNotAllowed:
    case ErrorCode::CryptoKeyMissing:
    case ErrorCode::CryptoKeyInvalid:
    case ErrorCode::TtlMissing:
    case ErrorCode::TtlInvalid:
    case ErrorCode::TtlNegative:
    case ErrorCode::TopicInvalid:
    case ErrorCode::BadRequest:
    case ErrorCode::InvalidClientKey:
        return 400;
    case ErrorCode::VapidMissing:
    case ErrorCode::VapidHeaderInvalid:
    case ErrorCode::VapidTokenInvalid:
    case ErrorCode::VapidKeyInvalid:
    case ErrorCode::VapidAlgorithm:
    case ErrorCode::VapidSignature:
    case ErrorCode::VapidAudience:
    case ErrorCode::VapidExpiryMissing:
    case ErrorCode::VapidExpired:
    case ErrorCode::VapidExpiryTooFar:
    case ErrorCode::VapidSubjectInvalid:
    case ErrorCode::VapidKeyMismatch:
    case ErrorCode::Unauthorized:
        return 401;
    case ErrorCode::SenderBlocked:
        return 403;
    case ErrorCode::StorageUnavailable:
    case ErrorCode::StorageFull:
    case ErrorCode::ClockNotTrusted:
    case ErrorCode::Overloaded:
    case ErrorCode::ServerStopping:
    case ErrorCode::Draining:
    case ErrorCode::TryAgainLater:
        return 503;
    case ErrorCode::QueueFull:
    case ErrorCode::RateLimited:
    case ErrorCode::TooManyConnections:
    case ErrorCode::TooManyChannels:
        return 429;
    case ErrorCode::TestError:
        return 418;
    case ErrorCode::MethodNotAllowed:
        return 405;
    case ErrorCode::UpgradeRequired:
        return 426;
    case ErrorCode::RequestTimeout:
        return 408;
    case ErrorCode::HeadTooLarge:
        return 431;
    case ErrorCode::Internal:
    case ErrorCode::UaidReset:
    case ErrorCode::ProtocolViolation:
    case ErrorCode::BinaryMessage:
    case ErrorCode::InvalidUtf8:
    case ErrorCode::MessageTooBig:
    case ErrorCode::InvalidMessage:
    case ErrorCode::HandshakeTimeout:
    case ErrorCode::PongTimeout:
    case ErrorCode::ExcessivePing:
    case ErrorCode::Ghost:
    case ErrorCode::SlowReader:
    case ErrorCode::Disconnected:
        return 500;
    }
    Q_UNREACHABLE();
}

std::optional<int> autopushErrno(ErrorCode code)
{
    switch (code) {
    case ErrorCode::UnknownApiVersion:
    case ErrorCode::InvalidToken:
    case ErrorCode::InvalidMessageId:
        return 102;
    case ErrorCode::BodyTooLarge:
        return 104;
    case ErrorCode::UserDeleted:
        return 105;
    case ErrorCode::NoSuchUser:
    case ErrorCode::NoSuchSubscription:
        return 106;
    case ErrorCode::VapidMissing:
    case ErrorCode::VapidHeaderInvalid:
    case ErrorCode::VapidTokenInvalid:
    case ErrorCode::VapidKeyInvalid:
    case ErrorCode::VapidAlgorithm:
    case ErrorCode::VapidSignature:
    case ErrorCode::VapidAudience:
    case ErrorCode::VapidExpiryMissing:
    case ErrorCode::VapidExpired:
    case ErrorCode::VapidExpiryTooFar:
    case ErrorCode::VapidSubjectInvalid:
    case ErrorCode::VapidKeyMismatch:
    case ErrorCode::Unauthorized:
        return 109;
    case ErrorCode::EncodingMissing:
    case ErrorCode::EncodingUnknown:
    case ErrorCode::SaltMissing:
    case ErrorCode::SaltInvalid:
    case ErrorCode::DhInvalid:
    case ErrorCode::SaltNotAllowed:
    case ErrorCode::DhNotAllowed:
    case ErrorCode::CryptoKeyMissing:
    case ErrorCode::CryptoKeyInvalid:
        return 110;
    case ErrorCode::TtlMissing:
    case ErrorCode::TtlInvalid:
        return 111;
    case ErrorCode::TopicInvalid:
        return 113;
    case ErrorCode::TtlNegative:
        return 114;
    case ErrorCode::StorageUnavailable:
    case ErrorCode::StorageFull:
    case ErrorCode::TryAgainLater:
        return 201;
    case ErrorCode::ClockNotTrusted:
    case ErrorCode::Overloaded:
    case ErrorCode::QueueFull:
    case ErrorCode::RateLimited:
    case ErrorCode::TooManyConnections:
    case ErrorCode::ServerStopping:
    case ErrorCode::Draining:
        return 202;
    case ErrorCode::TestError:
        return 999;
    case ErrorCode::Internal:
    case ErrorCode::NotFound:
    case ErrorCode::MethodNotAllowed:
    case ErrorCode::BadRequest:
    case ErrorCode::UpgradeRequired:
    case ErrorCode::RequestTimeout:
    case ErrorCode::HeadTooLarge:
    case ErrorCode::UaidReset:
    case ErrorCode::ProtocolViolation:
    case ErrorCode::BinaryMessage:
    case ErrorCode::InvalidUtf8:
    case ErrorCode::MessageTooBig:
    case ErrorCode::InvalidMessage:
    case ErrorCode::HandshakeTimeout:
    case ErrorCode::PongTimeout:
    case ErrorCode::ExcessivePing:
    case ErrorCode::Ghost:
    case ErrorCode::SlowReader:
    case ErrorCode::Disconnected:
    case ErrorCode::SenderBlocked:
    case ErrorCode::InvalidClientKey:
    case ErrorCode::TooManyChannels:
        return std::nullopt;
    }
    Q_UNREACHABLE();
}

int closeCode(ErrorCode code)
{
    switch (code) {
    case ErrorCode::UaidReset:
        return 1000;
    case ErrorCode::ServerStopping:
        return 1001;
    case ErrorCode::ProtocolViolation:
        return 1002;
    case ErrorCode::BinaryMessage:
        return 1003;
    case ErrorCode::InvalidUtf8:
        return 1007;
    case ErrorCode::MessageTooBig:
        return 1009;
    case ErrorCode::Draining:
    case ErrorCode::Disconnected:
        return 1012;
    case ErrorCode::TryAgainLater:
    case ErrorCode::StorageUnavailable:
    case ErrorCode::StorageFull:
    case ErrorCode::Overloaded:
        return 1013;
    case ErrorCode::InvalidMessage:
    case ErrorCode::HandshakeTimeout:
    case ErrorCode::PongTimeout:
    case ErrorCode::ExcessivePing:
    case ErrorCode::Ghost:
    case ErrorCode::SlowReader:
    case ErrorCode::Internal:
    case ErrorCode::UnknownApiVersion:
    case ErrorCode::InvalidToken:
    case ErrorCode::InvalidMessageId:
    case ErrorCode::NoSuchUser:
    case ErrorCode::NoSuchSubscription:
    case ErrorCode::UserDeleted:
    case ErrorCode::BodyTooLarge:
    case ErrorCode::EncodingMissing:
    case ErrorCode::EncodingUnknown:
    case ErrorCode::SaltMissing:
    case ErrorCode::SaltInvalid:
    case ErrorCode::DhInvalid:
    case ErrorCode::SaltNotAllowed:
    case ErrorCode::DhNotAllowed:
    case ErrorCode::CryptoKeyMissing:
    case ErrorCode::CryptoKeyInvalid:
    case ErrorCode::TtlMissing:
    case ErrorCode::TtlInvalid:
    case ErrorCode::TtlNegative:
    case ErrorCode::TopicInvalid:
    case ErrorCode::VapidMissing:
    case ErrorCode::VapidHeaderInvalid:
    case ErrorCode::VapidTokenInvalid:
    case ErrorCode::VapidKeyInvalid:
    case ErrorCode::VapidAlgorithm:
    case ErrorCode::VapidSignature:
    case ErrorCode::VapidAudience:
    case ErrorCode::VapidExpiryMissing:
    case ErrorCode::VapidExpired:
    case ErrorCode::VapidExpiryTooFar:
    case ErrorCode::VapidSubjectInvalid:
    case ErrorCode::VapidKeyMismatch:
    case ErrorCode::SenderBlocked:
    case ErrorCode::ClockNotTrusted:
    case ErrorCode::QueueFull:
    case ErrorCode::RateLimited:
    case ErrorCode::TooManyConnections:
    case ErrorCode::TestError:
    case ErrorCode::NotFound:
    case ErrorCode::MethodNotAllowed:
    case ErrorCode::BadRequest:
    case ErrorCode::Unauthorized:
    case ErrorCode::UpgradeRequired:
    case ErrorCode::RequestTimeout:
    case ErrorCode::HeadTooLarge:
    case ErrorCode::InvalidClientKey:
    case ErrorCode::TooManyChannels:
        return 1011;
    }
    Q_UNREACHABLE();
}

QByteArrayView errorName(ErrorCode code)
{
    switch (code) {
#define CARILLON_NAME(name)                                                                        \
    case ErrorCode::name:                                                                          \
        return #name;
        CARILLON_NAME(UnknownApiVersion)
        CARILLON_NAME(InvalidToken)
        CARILLON_NAME(InvalidMessageId)
        CARILLON_NAME(NoSuchUser)
        CARILLON_NAME(NoSuchSubscription)
        CARILLON_NAME(UserDeleted)
        CARILLON_NAME(BodyTooLarge)
        CARILLON_NAME(EncodingMissing)
        CARILLON_NAME(EncodingUnknown)
        CARILLON_NAME(SaltMissing)
        CARILLON_NAME(SaltInvalid)
        CARILLON_NAME(DhInvalid)
        CARILLON_NAME(SaltNotAllowed)
        CARILLON_NAME(DhNotAllowed)
        CARILLON_NAME(CryptoKeyMissing)
        CARILLON_NAME(CryptoKeyInvalid)
        CARILLON_NAME(TtlMissing)
        CARILLON_NAME(TtlInvalid)
        CARILLON_NAME(TtlNegative)
        CARILLON_NAME(TopicInvalid)
        CARILLON_NAME(VapidMissing)
        CARILLON_NAME(VapidHeaderInvalid)
        CARILLON_NAME(VapidTokenInvalid)
        CARILLON_NAME(VapidKeyInvalid)
        CARILLON_NAME(VapidAlgorithm)
        CARILLON_NAME(VapidSignature)
        CARILLON_NAME(VapidAudience)
        CARILLON_NAME(VapidExpiryMissing)
        CARILLON_NAME(VapidExpired)
        CARILLON_NAME(VapidExpiryTooFar)
        CARILLON_NAME(VapidSubjectInvalid)
        CARILLON_NAME(VapidKeyMismatch)
        CARILLON_NAME(SenderBlocked)
        CARILLON_NAME(StorageUnavailable)
        CARILLON_NAME(StorageFull)
        CARILLON_NAME(ClockNotTrusted)
        CARILLON_NAME(Overloaded)
        CARILLON_NAME(QueueFull)
        CARILLON_NAME(RateLimited)
        CARILLON_NAME(TooManyConnections)
        CARILLON_NAME(Internal)
        CARILLON_NAME(TestError)
        CARILLON_NAME(NotFound)
        CARILLON_NAME(MethodNotAllowed)
        CARILLON_NAME(BadRequest)
        CARILLON_NAME(Unauthorized)
        CARILLON_NAME(UpgradeRequired)
        CARILLON_NAME(RequestTimeout)
        CARILLON_NAME(HeadTooLarge)
        CARILLON_NAME(UaidReset)
        CARILLON_NAME(ServerStopping)
        CARILLON_NAME(Draining)
        CARILLON_NAME(ProtocolViolation)
        CARILLON_NAME(BinaryMessage)
        CARILLON_NAME(InvalidUtf8)
        CARILLON_NAME(MessageTooBig)
        CARILLON_NAME(InvalidMessage)
        CARILLON_NAME(HandshakeTimeout)
        CARILLON_NAME(PongTimeout)
        CARILLON_NAME(ExcessivePing)
        CARILLON_NAME(Ghost)
        CARILLON_NAME(SlowReader)
        CARILLON_NAME(TryAgainLater)
        CARILLON_NAME(Disconnected)
        CARILLON_NAME(InvalidClientKey)
        CARILLON_NAME(TooManyChannels)
#undef CARILLON_NAME
    }
    Q_UNREACHABLE();
}

QByteArrayView errorMessage(ErrorCode code)
{
    switch (code) {
    case ErrorCode::UnknownApiVersion:
        return "Unknown version of the push API";
    case ErrorCode::InvalidToken:
        return "This endpoint was not issued by this server";
    case ErrorCode::InvalidMessageId:
        return "This message id was not issued by this server";
    case ErrorCode::NoSuchUser:
        return "No such user";
    case ErrorCode::NoSuchSubscription:
        return "No such subscription";
    case ErrorCode::UserDeleted:
        return "The user was removed during the request";
    case ErrorCode::BodyTooLarge:
        return "The message body is too large";
    case ErrorCode::EncodingMissing:
        return "A message with a body needs Content-Encoding: aes128gcm";
    case ErrorCode::EncodingUnknown:
        return "Content-Encoding must be aes128gcm or aesgcm";
    case ErrorCode::SaltMissing:
        return "Content-Encoding aesgcm needs an Encryption header with a salt";
    case ErrorCode::SaltInvalid:
        return "The salt in the Encryption header is not base64url";
    case ErrorCode::DhInvalid:
        return "The Crypto-Key header needs a dh in base64url";
    case ErrorCode::SaltNotAllowed:
        return "Content-Encoding aes128gcm carries its salt in the body, not in Encryption";
    case ErrorCode::DhNotAllowed:
        return "Content-Encoding aes128gcm carries its key in the body, not in Crypto-Key";
    case ErrorCode::CryptoKeyMissing:
        return "This Authorization scheme needs a Crypto-Key header with p256ecdsa";
    case ErrorCode::CryptoKeyInvalid:
        return "The Crypto-Key header is malformed";
    case ErrorCode::TtlMissing:
        return "The TTL header is missing";
    case ErrorCode::TtlInvalid:
        return "The TTL header is not a whole number of seconds";
    case ErrorCode::TtlNegative:
        return "The TTL header must not be negative";
    case ErrorCode::TopicInvalid:
        return "The Topic header must be at most 32 characters of the base64url alphabet";
    case ErrorCode::VapidMissing:
        return "This endpoint needs a VAPID Authorization header (RFC 8292)";
    case ErrorCode::VapidHeaderInvalid:
        return "The Authorization header is not a VAPID header (RFC 8292 section 3)";
    case ErrorCode::VapidTokenInvalid:
        return "The VAPID token is not a JSON Web Token with the claims of RFC 8292";
    case ErrorCode::VapidKeyInvalid:
        return "The VAPID public key is not an uncompressed P-256 point in base64url";
    case ErrorCode::VapidAlgorithm:
        return "The VAPID token must be signed with ES256";
    case ErrorCode::VapidSignature:
        return "The VAPID token's signature does not verify with its public key";
    case ErrorCode::VapidAudience:
        return "The VAPID claim aud must be the origin of the endpoint URL";
    case ErrorCode::VapidExpiryMissing:
        return "The VAPID claim exp must be a number of seconds";
    case ErrorCode::VapidExpired:
        return "The VAPID token has expired";
    case ErrorCode::VapidExpiryTooFar:
        return "The VAPID claim exp must be at most 24 hours ahead";
    case ErrorCode::VapidSubjectInvalid:
        return "The VAPID claim sub must be a string";
    case ErrorCode::VapidKeyMismatch:
        return "The VAPID public key is not the one that this subscription was created with";
    case ErrorCode::SenderBlocked:
        return "The operator of this server has blocked this sender";
    case ErrorCode::StorageUnavailable:
    case ErrorCode::TryAgainLater:
        return "Storage is unavailable, please try again later";
    case ErrorCode::StorageFull:
        return "Storage is full, please try again later";
    case ErrorCode::ClockNotTrusted:
        return "The server's clock may be wrong, please try again later";
    case ErrorCode::Overloaded:
        return "The server is busy, please try again later";
    case ErrorCode::QueueFull:
        return "Too many messages are waiting for this client, please try again later";
    case ErrorCode::RateLimited:
        return "Too many requests, please try again later";
    case ErrorCode::TooManyConnections:
        return "This address has too many connections";
    case ErrorCode::Internal:
        return "An internal error";
    case ErrorCode::TestError:
        return "A test error, as requested";
    case ErrorCode::NotFound:
        return "Not found";
    case ErrorCode::MethodNotAllowed:
        return "This path does not allow the request's method";
    case ErrorCode::BadRequest:
        return "The request is malformed";
    case ErrorCode::Unauthorized:
        return "The request is not signed by a member of this cluster";
    case ErrorCode::UpgradeRequired:
        return "This address accepts only WebSocket connections";
    case ErrorCode::RequestTimeout:
        return "The request did not arrive in time";
    case ErrorCode::HeadTooLarge:
        return "The request head is too large";
    case ErrorCode::UaidReset:
        return "The client was forgotten and must register again";
    case ErrorCode::ServerStopping:
    case ErrorCode::Draining:
        return "The server is stopping, please reconnect";
    case ErrorCode::ProtocolViolation:
        return "The WebSocket protocol was violated";
    case ErrorCode::BinaryMessage:
        return "Binary messages are not part of this protocol";
    case ErrorCode::InvalidUtf8:
        return "A text message was not UTF-8";
    case ErrorCode::MessageTooBig:
        return "A message exceeded the size limit";
    case ErrorCode::InvalidMessage:
        return "A message was invalid";
    case ErrorCode::HandshakeTimeout:
        return "No hello arrived in time";
    case ErrorCode::PongTimeout:
        return "No pong arrived in time";
    case ErrorCode::ExcessivePing:
        return "Pings were too frequent";
    case ErrorCode::Ghost:
        return "A newer connection of this client replaced this one";
    case ErrorCode::SlowReader:
        return "The client did not read its messages";
    case ErrorCode::Disconnected:
        return "An administrator closed this connection";
    case ErrorCode::InvalidClientKey:
        return "The application server key is not a P-256 public key in base64url";
    case ErrorCode::TooManyChannels:
        return "The client has too many subscriptions";
    }
    Q_UNREACHABLE();
}

QByteArrayView httpReason(int status)
{
    switch (status) {
    case 100:
        return "Continue";
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 413:
        return "Payload Too Large";
    case 418:
        return "I'm a teapot";
    case 426:
        return "Upgrade Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Unknown";
    }
}

} // namespace Carillon
