// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/forwarded.h"

#include <algorithm>

namespace Carillon {

namespace {

bool isPort(QByteArrayView text)
{
    return !text.isEmpty() && text.size() <= 5
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The zone says which of a machine's links a link-local address is on, and nothing elsewhere.
std::optional<IpAddress> readAddress(QByteArrayView text)
{
    const qsizetype zone = text.indexOf('%');
    return zone > 0 && text.contains(':') ? IpAddress::parse(text.first(zone))
                                          : IpAddress::parse(text);
}

std::optional<IpAddress> readItem(QByteArrayView item)
{
    if (item.startsWith('[')) {
        const qsizetype end = item.indexOf(']');
        const QByteArrayView rest = end < 0 ? QByteArrayView() : item.sliced(end + 1);
        const bool ends =
            end >= 0 && (rest.isEmpty() || (rest[0] == ':' && isPort(rest.sliced(1))));
        return ends ? readAddress(item.sliced(1, end - 1)) : std::nullopt;
    }
    const qsizetype colon = item.indexOf(':');
    if (colon >= 0 && item.lastIndexOf(':') == colon && isPort(item.sliced(colon + 1)))
        item = item.first(colon);
    return readAddress(item);
}

/// Goes back over one field. True when it led to the client.
bool walkBack(QByteArrayView list, const std::vector<IpNetwork> &trusted, IpAddress &client)
{
    for (;;) {
        const qsizetype comma = list.lastIndexOf(',');
        const QByteArrayView item = list.sliced(comma + 1).trimmed();
        if (!item.isEmpty()) {
            const std::optional<IpAddress> address = readItem(item);
            client = address.value_or(IpAddress::unnamed());
            if (!address || !contains(trusted, client))
                return true;
        }
        if (comma < 0)
            return false;
        list = list.first(comma);
    }
}

} // namespace

IpAddress clientAddress(const IpAddress &peer, const HttpRequest &request,
                        const std::vector<IpNetwork> &trusted)
{
    if (!contains(trusted, peer))
        return peer;
    IpAddress client = peer;
    for (std::size_t i = request.headers.size(); i > 0; --i) {
        const auto &field = request.headers[i - 1];
        if (field.name == "x-forwarded-for" && walkBack(field.value, trusted, client))
            break;
    }
    return client;
}

} // namespace Carillon
