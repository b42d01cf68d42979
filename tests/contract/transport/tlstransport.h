// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/tls/tlsserver.h"
#include "tests/contract/transport/transportfixture.h"
#include "tests/support/testcertificate.h"

namespace Carillon::Testing {

/// What TLS listeners of tests show: a certificate made for this object.
[[nodiscard]] TlsContext makeTlsContext();
/// From PEM texts.
[[nodiscard]] TlsContext makeTlsContext(const TestAuthority::Pair &pair);

/// The native transport with TLS on every listener. The server outlives what is made.
[[nodiscard]] TransportFactory tlsTransport(const TlsServer &server);

/// The native transport, whose listeners take TLS besides plain HTTP. As above.
[[nodiscard]] TransportFactory tlsOfferingTransport(const TlsServer &server);

} // namespace Carillon::Testing
