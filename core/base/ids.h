// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QHashFunctions>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>

namespace Carillon {

/// 16 bytes of a UUID (RFC 4122); Tag keeps the kinds apart.
template<typename Tag> class Uuid
{
public:
    static constexpr qsizetype Size = 16;
    using Bytes = std::array<std::uint8_t, Size>;

    /// The nil UUID.
    constexpr Uuid() = default;
    explicit constexpr Uuid(const Bytes &bytes) : m_bytes(bytes) { }

    /// Precondition: raw.size() == Size.
    [[nodiscard]] static Uuid fromRaw(QByteArrayView raw)
    {
        Uuid id;
        std::memcpy(id.m_bytes.data(), raw.data(), Size);
        return id;
    }

    [[nodiscard]] const Bytes &bytes() const { return m_bytes; }
    /// A view on the 16 bytes, valid as long as this id.
    [[nodiscard]] QByteArrayView raw() const
    {
        return { reinterpret_cast<const char *>(m_bytes.data()), Size };
    }
    [[nodiscard]] bool isNil() const { return *this == Uuid(); }

    auto operator<=>(const Uuid &) const = default;

    friend size_t qHash(const Uuid &id, size_t seed = 0) noexcept
    {
        return qHashBits(id.m_bytes.data(), Size, seed);
    }

private:
    Bytes m_bytes {};
};

/// For the standard containers; seeded as QHash is, because clients choose ids.
struct IdHash
{
    template<typename Tag> size_t operator()(const Uuid<Tag> &id) const noexcept
    {
        return qHash(id, QHashSeed::globalSeed());
    }
};

/// One user agent, a random UUID (v4). Written as 32 lower-case hex digits.
using Uaid = Uuid<struct UaidTag>;
/// One subscription of a user agent. Written in lower case with dashes (RFC 4122 §3).
using ChannelId = Uuid<struct ChannelIdTag>;

/// Fresh ids from the system's random source.
[[nodiscard]] Uaid newUaid();
/// The first bytes of all UAIDs that are created for one address. Clients whose UAIDs begin with
/// the same bytes are a group, and what they have stored is limited together
/// (QueueLimits::maxGroupBytes). The bytes do not reveal the address: tens of thousands of
/// addresses share them. Code that distributes UAIDs, for example over shards, must use their last
/// bytes.
using UaidPrefix = std::array<std::uint8_t, 2>;
[[nodiscard]] Uaid newUaid(UaidPrefix prefix);
[[nodiscard]] UaidPrefix prefixOf(const Uaid &uaid);

/// 32 lower-case hex digits.
[[nodiscard]] QByteArray toHex(const Uaid &id);
[[nodiscard]] QByteArray toHex(const ChannelId &id);
/// 8-4-4-4-12 lower-case hex digits with dashes.
[[nodiscard]] QByteArray toDashed(const ChannelId &id);
[[nodiscard]] QByteArray toDashed(const Uaid &id);
/// The first 8 hex digits of a UAID: what logs may show.
[[nodiscard]] QByteArray shortened(const Uaid &id);

/// Reads 32 hex digits in either case, dashed (8-4-4-4-12) or not.
[[nodiscard]] std::optional<Uaid> parseUaid(QByteArrayView text);
/// As parseUaid, for a channel id in any spelling.
[[nodiscard]] std::optional<ChannelId> parseChannelId(QByteArrayView text);
/// Reads only the spelling of protocol.md §2.3: lower case, dashed.
[[nodiscard]] std::optional<ChannelId> parseDashedChannelId(QByteArrayView text);

/// Position of a message among those of its UAID: microseconds since 1970, unique and increasing
/// per UAID (design.md §3.5). Keys of stored messages are even; those of messages that are never
/// stored (TTL 0) are odd, so that neither can name the other.
enum class SortKey : std::int64_t {};

[[nodiscard]] constexpr std::int64_t toInt(SortKey key)
{
    return static_cast<std::int64_t>(key);
}

/// Identifies the Fernet key that makes a message's id. The number is the same in every process,
/// and does not depend on the key's position in the list. 0: the first key in the list.
enum class KeyMark : std::uint32_t {};

[[nodiscard]] constexpr std::uint32_t toInt(KeyMark mark)
{
    return static_cast<std::uint32_t>(mark);
}

/// The id of a message for senders and clients: `version` on the WebSocket, the last part of
/// Location. Opaque here; message/messageid.h makes and reads them.
class MessageId
{
public:
    MessageId() = default;
    explicit MessageId(QByteArray text) : m_text(std::move(text)) { }
    [[nodiscard]] const QByteArray &text() const { return m_text; }
    bool operator==(const MessageId &) const = default;
    friend size_t qHash(const MessageId &id, size_t seed = 0) noexcept
    {
        return qHash(id.m_text, seed);
    }

private:
    QByteArray m_text;
};

/// A server process as others reach it: the origin of its router listener
/// ("http://127.0.0.1:8081"). Empty: none.
class NodeId
{
public:
    NodeId() = default;
    explicit NodeId(QByteArray url) : m_url(std::move(url)) { }
    [[nodiscard]] const QByteArray &url() const { return m_url; }
    [[nodiscard]] bool isEmpty() const { return m_url.isEmpty(); }
    bool operator==(const NodeId &) const = default;
    friend size_t qHash(const NodeId &id, size_t seed = 0) noexcept
    {
        return qHash(id.m_url, seed);
    }

private:
    QByteArray m_url;
};

} // namespace Carillon
