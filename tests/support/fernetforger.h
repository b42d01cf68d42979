// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>

namespace Carillon::Testing {

/// A Fernet token (protocol.md §4) of any plain text under a key as keys.crypto_keys has it,
/// padding kept. Straight over OpenSSL, to forge what the server would never make.
[[nodiscard]] QByteArray forgeFernet(const QByteArray &key, const QByteArray &plain);
/// What a token holds, its signature not judged; null if it does not decrypt.
[[nodiscard]] QByteArray readFernet(const QByteArray &key, const QByteArray &token);

} // namespace Carillon::Testing
