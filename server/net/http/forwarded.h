// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"
#include "server/net/ipaddress.h"
#include "server/net/ipnetwork.h"

namespace Carillon {

/// The client's address according to X-Forwarded-For, as far as trusted proxies wrote it:
///
///     X-Forwarded-For = 1#( address [ zone ] [ ":" port ] )   IPv6 may be, and with a port is,
///                                                             in brackets
///     zone            = "%" *visible                          of IPv6; ignored
///
/// Each proxy appends the address of its peer. Read from the end, the first address that is not a
/// trusted proxy is the client; if all are trusted, it is the first address of the list. An item
/// that is no address ("unknown", "_hidden") is IpAddress::unnamed(). Several fields of this name
/// are one list, in their order. The field is ignored if the peer itself is not trusted. A pure
/// function.
[[nodiscard]] IpAddress clientAddress(const IpAddress &peer, const HttpRequest &request,
                                      const std::vector<IpNetwork> &trusted);

} // namespace Carillon
