// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/fernet.h"

namespace Carillon::Fuzz {

/// Fernet with two known keys, as after a rotation: the first of them seals.
[[nodiscard]] const Fernet &keyring();
/// What had been sealed before the rotation: the second key alone.
[[nodiscard]] const Fernet &oldKeyring();

/// Whatever opens is, letter for letter but for the padding, what one of the keys makes of its
/// plain text. Gives the plain text, or nothing.
std::optional<Fernet::Opened> openSealed(QByteArrayView token);
/// A token with one letter changed, one too few or one too many does not open.
void requireNoneBeside(const QByteArray &padded, std::size_t at, char letter);

} // namespace Carillon::Fuzz
