// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/p256.h"
#include "core/crypto/vapid.h"
#include "tests/support/manualclock.h"

namespace Carillon::Fuzz {

inline constexpr std::int64_t Now = 1'700'000'000;
inline const QByteArray Audience = "https://push.example.net";

/// The one sender whose private key is known here.
[[nodiscard]] EVP_PKEY *signerKey();
[[nodiscard]] const QByteArray &signerPoint();

/// What a verifier says of a token, at the time Now.
using Verdict = Result<VapidSender>;

/// Asks a verifier that has judged all inputs before, twice (it remembers what passed), and a fresh
/// one: they agree, and what passes was signed by our sender. Gives the verdict.
Verdict judged(const VapidHeader &header);

} // namespace Carillon::Fuzz
