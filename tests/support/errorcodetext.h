// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"

#include <QTest>

namespace Carillon {

/// Lets QCOMPARE name error codes when they differ.
inline char *toString(ErrorCode code)
{
    return qstrdup(errorName(code).data());
}

} // namespace Carillon

Q_DECLARE_METATYPE(Carillon::ErrorCode)
