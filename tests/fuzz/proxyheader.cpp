// SPDX-License-Identifier: MPL-2.0
// What a TCP proxy says before the bytes of its client: readProxyHeader().
#include "server/net/proxy/proxyprotocol.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace Carillon::Fuzz {
namespace {

using Reading = Result<std::optional<ProxyHeader>>;

bool isSame(const Reading &one, const Reading &other)
{
    if (!one || !other)
        return !one && !other;
    if (!*one || !*other)
        return !*one && !*other;
    return (*one)->size == (*other)->size && (*one)->client == (*other)->client;
}

/// The first bytes, in memory that ends where they do.
Reading readFirst(QByteArrayView input, qsizetype size)
{
    const std::vector<char> exact(input.begin(), input.begin() + size);
    return readProxyHeader({ exact.data(), std::ssize(exact) });
}

QByteArray writtenAsText(const IpAddress &client)
{
    const QByteArray text = client.toText();
    return (client.isIPv4() ? "PROXY TCP4 " + text + " 127.0.0.1" : "PROXY TCP6 " + text + " ::1")
        + " 65535 0\r\n";
}

QByteArray writtenAsBytes(const IpAddress &client, qsizetype extensions)
{
    const qsizetype addressBytes = client.isIPv4() ? 4 : 16;
    const qsizetype length = 2 * addressBytes + 4 + extensions;
    const auto &held = client.bytes();
    QByteArray bytes("\r\n\r\n\0\r\nQUIT\n\x21", 13);
    bytes += client.isIPv4() ? '\x11' : '\x21';
    bytes += static_cast<char>(length >> 8);
    bytes += static_cast<char>(length);
    bytes.append(reinterpret_cast<const char *>(held.data()) + 16 - addressBytes, addressBytes);
    return bytes + QByteArray(addressBytes + 4 + extensions, 'x');
}

void requireReadsAs(const QByteArray &bytes, const IpAddress &client)
{
    const Reading reading = readProxyHeader(bytes + "GET / HTTP/1.1\r\n");
    require(reading && *reading && (*reading)->size == bytes.size() && (*reading)->client == client,
            "a header that is written again says the same, and takes nothing of what follows");
}

} // namespace

void check(QByteArrayView input)
{
    Reading before = readFirst(input, 0);
    require(before && !*before, "no bytes are no header yet");
    for (qsizetype size = 1; size <= std::min<qsizetype>(input.size(), 4'096); ++size) {
        const Reading now = readFirst(input, size);
        if (!before || *before)
            require(isSame(before, now), "a verdict stays, whatever follows");
        else if (now && *now)
            require((*now)->size == size, "a header is seen with its last byte");
        require(!now || *now || size < MaxProxyHeaderBytes, "what is waited for has an end");
        before = now;
    }
    if (!before || !*before || !(*before)->client)
        return;
    const IpAddress client = *(*before)->client;
    requireReadsAs(writtenAsText(client), client);
    requireReadsAs(writtenAsBytes(client, static_cast<qsizetype>(Dice(input).below(1'900))),
                   client);
}

} // namespace Carillon::Fuzz
