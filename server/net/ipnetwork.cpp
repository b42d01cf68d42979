// SPDX-License-Identifier: MPL-2.0
#include "server/net/ipnetwork.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace Carillon {

namespace {

constexpr int MappedBits = 96; // of ::ffff:0:0/96

bool hasBitsFrom(const std::array<std::uint8_t, 16> &bytes, int first)
{
    for (int bit = first; bit < 128; ++bit) {
        if ((bytes[static_cast<std::size_t>(bit / 8)] & (0x80 >> bit % 8)) != 0)
            return true;
    }
    return false;
}

/// A number of at most three digits, with nothing before or behind.
std::optional<int> parsePrefix(QByteArrayView text)
{
    const bool isNumber = !text.isEmpty() && text.size() <= 3
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return isNumber ? std::optional(text.toInt()) : std::nullopt;
}

} // namespace

std::optional<IpNetwork> IpNetwork::parse(QByteArrayView text)
{
    const qsizetype slash = text.indexOf('/');
    const QByteArrayView before = slash < 0 ? text : text.first(slash);
    const std::optional<IpAddress> address = IpAddress::parse(before);
    if (!address)
        return std::nullopt;
    const bool isDotted = !before.contains(':');
    const std::optional<int> prefix =
        slash < 0 ? std::optional(isDotted ? 32 : 128) : parsePrefix(text.sliced(slash + 1));
    if (!prefix || *prefix > (isDotted ? 32 : 128))
        return std::nullopt;
    IpNetwork network;
    network.m_address = *address;
    network.m_prefix = *prefix + (isDotted ? MappedBits : 0);
    if (hasBitsFrom(address->bytes(), network.m_prefix))
        return std::nullopt;
    return network;
}

bool IpNetwork::contains(const IpAddress &address) const
{
    const auto &mine = m_address.bytes();
    const auto &theirs = address.bytes();
    const auto whole = static_cast<std::size_t>(m_prefix / 8);
    if (std::memcmp(mine.data(), theirs.data(), whole) != 0)
        return false;
    const int rest = m_prefix % 8;
    return rest == 0 || ((mine[whole] ^ theirs[whole]) & (0xff << (8 - rest)) & 0xff) == 0;
}

QByteArray IpNetwork::toText() const
{
    const bool isDotted = m_prefix >= MappedBits && m_address.isIPv4();
    const int prefix = isDotted ? m_prefix - MappedBits : m_prefix;
    const QByteArray text = m_address.toText();
    return prefix == (isDotted ? 32 : 128) ? text : text + '/' + QByteArray::number(prefix);
}

bool contains(const std::vector<IpNetwork> &networks, const IpAddress &address)
{
    return std::any_of(networks.begin(), networks.end(),
                       [&](const IpNetwork &network) { return network.contains(address); });
}

} // namespace Carillon
