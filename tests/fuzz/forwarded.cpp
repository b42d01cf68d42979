// SPDX-License-Identifier: MPL-2.0
// Who a request behind proxies is from: clientAddress(). Each line of the input is a field
// X-Forwarded-For.
#include "server/net/http/forwarded.h"
#include "tests/fuzz/fuzz.h"

#include <QList>

namespace Carillon::Fuzz {
namespace {

const IpAddress Peer = *IpAddress::parse("10.0.0.1");
const IpAddress Proxy = *IpAddress::parse("10.9.9.9");
const IpAddress Stranger = *IpAddress::parse("192.0.2.7");

const std::vector<IpNetwork> &trusted()
{
    static const std::vector<IpNetwork> networks { *IpNetwork::parse("10.0.0.0/8"),
                                                   *IpNetwork::parse("fd00::/8") };
    return networks;
}

IpAddress clientBy(const QList<QByteArray> &fields)
{
    HttpRequest request;
    request.headers.add("x-other", "192.0.2.99");
    for (const QByteArray &field : fields)
        request.headers.add("x-forwarded-for", field);
    require(clientAddress(Stranger, request, trusted()) == Stranger,
            "who is not trusted is believed nothing");
    return clientAddress(Peer, request, trusted());
}

} // namespace

void check(QByteArrayView input)
{
    const QList<QByteArray> fields = input.toByteArray().split('\n');
    const IpAddress client = clientBy(fields);

    QByteArray list;
    for (const QByteArray &field : fields)
        list += (list.isEmpty() ? "" : ", ") + field;
    require(clientBy({ list }) == client, "several fields are one list");
    require(clientBy({ list + " , ,\t" }) == client, "empty items say nothing");
    require(clientBy(QList<QByteArray>(fields) << Stranger.toText()) == Stranger,
            "the first address that is no proxy's, from the end, is the client's");
    const IpAddress behind = clientBy({ list + ',' + Proxy.toText() + ":443" });
    require(behind == client || (client == Peer && behind == Proxy),
            "one more trusted proxy leads on to the same client");
    if (contains(trusted(), client))
        return;
    require(clientBy({ "nonsense, " + list }) == client, "nothing before the client counts");
    require(clientBy({ client.toText() }) == client, "the client is an address that was named");
}

} // namespace Carillon::Fuzz
