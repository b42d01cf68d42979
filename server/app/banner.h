// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/keystore.h"

namespace Carillon {

/// What somebody who has just started a server by hand may do next: addresses that can be used as
/// they stand, and commands for the ports in use. settings: with the ports that were taken.
/// devAuthority: the file of the authority whose TLS the endpoint offers; empty: it offers none.
[[nodiscard]] QByteArray banner(const Settings &settings, const KeysProvided &keys,
                                const QString &devAuthority = {});

} // namespace Carillon
