// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QString>

namespace Carillon {

/// Lets this process's requests and WebSockets trust the authorities in a PEM file, besides those
/// that the system trusts. Once, before the first of them is made. The error is a sentence.
[[nodiscard]] Result<void, QString> trustAlso(const QString &caFile);

} // namespace Carillon
