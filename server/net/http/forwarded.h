// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"
#include "server/net/ipaddress.h"
#include "server/net/ipnetwork.h"

namespace Carillon {

/// Who a request is from, as far as those can be believed that passed it on:
///
///     X-Forwarded-For = 1#( address [ zone ] [ ":" port ] )   IPv6 with port, or always, in
///     brackets zone            = "%" *visible                          of IPv6; left out
///
/// Each proxy adds the address that it was asked from at the end. Read from there, the first one
/// that is not a trusted proxy's is the client's; where the list ends, it is the last proxy's that
/// was believed. An item that is no address ("unknown", "_hidden") is IpAddress::unnamed(), for
/// whom limits hold. Fields of this name are one list in their order. A peer that is not trusted is
/// the client, whatever it says. A pure function.
[[nodiscard]] IpAddress clientAddress(const IpAddress &peer, const HttpRequest &request,
                                      const std::vector<IpNetwork> &trusted);

} // namespace Carillon
