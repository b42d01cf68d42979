// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QString>

#include <cstdint>
#include <optional>

namespace Carillon {

/// A viewer reads, an operator also acts.
enum class AdminRole : std::uint8_t { Viewer, Operator };

/// "viewer", "operator".
[[nodiscard]] QString roleName(AdminRole role);
[[nodiscard]] std::optional<AdminRole> roleNamed(QStringView name);

} // namespace Carillon
