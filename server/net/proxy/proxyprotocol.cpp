// SPDX-License-Identifier: MPL-2.0
#include "server/net/proxy/proxyprotocol.h"

#include <QList>

#include <algorithm>

namespace Carillon {

namespace {

using Reading = Result<std::optional<ProxyHeader>>;

constexpr QByteArrayView V1Start("PROXY ");
constexpr qsizetype MaxV1Bytes = 107;
constexpr QByteArrayView V2Start("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr qsizetype V2FixedBytes = 16;

Unexpected<ErrorCode> malformed()
{
    return Unexpected(ErrorCode::BadRequest);
}

std::uint8_t byteAt(QByteArrayView bytes, qsizetype index)
{
    return static_cast<std::uint8_t>(bytes[index]);
}

bool isPort(QByteArrayView text)
{
    const bool isNumber = !text.isEmpty() && text.size() <= 5
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return isNumber && (text.size() == 1 || text[0] != '0') && text.toInt() <= 65'535;
}

/// A line without its end.
Reading readV1(QByteArrayView line)
{
    const qsizetype size = line.size() + 2;
    const QByteArrayView words = line.sliced(V1Start.size());
    if (words == "UNKNOWN" || words.startsWith("UNKNOWN "))
        return std::optional(ProxyHeader { size, IpAddress::unnamed() });
    const QList<QByteArray> parts = words.toByteArray().split(' ');
    if (parts.size() != 5 || (parts[0] != "TCP4" && parts[0] != "TCP6") || !isPort(parts[3])
        || !isPort(parts[4]))
        return malformed();
    const bool isV6 = parts[0] == "TCP6";
    const std::optional<IpAddress> from = IpAddress::parse(parts[1]);
    const std::optional<IpAddress> to = IpAddress::parse(parts[2]);
    if (!from || !to || parts[1].contains(':') != isV6 || parts[2].contains(':') != isV6)
        return malformed();
    return std::optional(ProxyHeader { size, from });
}

Reading readV2(QByteArrayView bytes)
{
    constexpr std::uint8_t Local = 0x20;
    constexpr std::uint8_t Proxy = 0x21;
    constexpr std::uint8_t Unspecified = 0x00;
    constexpr std::uint8_t Tcp4 = 0x11;
    constexpr std::uint8_t Tcp6 = 0x21;
    if (bytes.size() > 12 && byteAt(bytes, 12) != Local && byteAt(bytes, 12) != Proxy)
        return malformed();
    if (bytes.size() < V2FixedBytes)
        return std::optional<ProxyHeader>();
    const bool isLocal = byteAt(bytes, 12) == Local;
    const std::uint8_t family = byteAt(bytes, 13);
    const qsizetype length = byteAt(bytes, 14) << 8 | byteAt(bytes, 15);
    const qsizetype addressBytes = family == Tcp4 ? 4 : family == Tcp6 ? 16 : 0;
    // What stands behind LOCAL means nothing, whatever it is.
    if (V2FixedBytes + length > MaxProxyHeaderBytes
        || (!isLocal && addressBytes == 0 && family != Unspecified)
        || (!isLocal && addressBytes > 0 && length < 2 * addressBytes + 4))
        return malformed();
    if (bytes.size() < V2FixedBytes + length)
        return std::optional<ProxyHeader>();
    ProxyHeader header { V2FixedBytes + length, std::nullopt };
    if (!isLocal && addressBytes == 0) {
        header.client = IpAddress::unnamed();
    } else if (!isLocal) {
        const auto *const from =
            reinterpret_cast<const std::uint8_t *>(bytes.data() + V2FixedBytes);
        header.client = IpAddress::fromBytes({ from, static_cast<std::size_t>(addressBytes) });
    }
    return std::optional(header);
}

bool beginAlike(QByteArrayView bytes, QByteArrayView start)
{
    const qsizetype common = std::min(bytes.size(), start.size());
    return bytes.first(common) == start.first(common);
}

} // namespace

Result<std::optional<ProxyHeader>> readProxyHeader(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return std::optional<ProxyHeader>();
    if (beginAlike(bytes, V2Start))
        return readV2(bytes);
    if (!beginAlike(bytes, V1Start))
        return malformed();
    const qsizetype end = bytes.indexOf('\n');
    const bool isOver = end < 0 ? bytes.size() >= MaxV1Bytes : end >= MaxV1Bytes;
    if (isOver || (end >= 0 && (end < V1Start.size() || bytes[end - 1] != '\r')))
        return malformed();
    if (end < 0)
        return std::optional<ProxyHeader>();
    return readV1(bytes.first(end - 1));
}

} // namespace Carillon
