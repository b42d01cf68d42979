// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"

namespace Carillon {

/// What the person who meets an error should do, as docs/errors.md has it: sentences with code in
/// backticks. What concerns the operator of the server follows "Operator: ".
[[nodiscard]] QByteArrayView errorAdvice(ErrorCode code);

/// Whether requests are answered with this code; httpStatus() is 500 for the others.
[[nodiscard]] bool hasHttpStatus(ErrorCode code);
/// Whether connections are closed with this code; closeCode() is 1011 for the others.
[[nodiscard]] bool hasCloseCode(ErrorCode code);

/// The code of this name, in its exact case.
[[nodiscard]] std::optional<ErrorCode> errorNamed(QByteArrayView name);

} // namespace Carillon
