// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <array>
#include <cstdint>

// The small change of cryptography. Thread: any.
namespace Carillon {

inline constexpr qsizetype Sha256Size = 32;
using Sha256Digest = std::array<std::uint8_t, Sha256Size>;

[[nodiscard]] QByteArray sha256(QByteArrayView data);
[[nodiscard]] QByteArray hmacSha256(QByteArrayView key, QByteArrayView data);

/// Whether both are equal, compared in constant time.
[[nodiscard]] bool equalInConstantTime(QByteArrayView a, QByteArrayView b);

/// Bytes from OpenSSL's random source, suitable for keys.
[[nodiscard]] QByteArray randomBytes(qsizetype size);

} // namespace Carillon
