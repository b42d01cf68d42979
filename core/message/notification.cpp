// SPDX-License-Identifier: MPL-2.0
#include "core/message/notification.h"

namespace Carillon {

QByteArrayView encodingName(Encoding encoding)
{
    switch (encoding) {
    case Encoding::None:
        return "";
    case Encoding::Aes128Gcm:
        return "aes128gcm";
    case Encoding::AesGcm:
        return "aesgcm";
    }
    Q_UNREACHABLE();
}

QByteArrayView urgencyName(Urgency urgency)
{
    switch (urgency) {
    case Urgency::VeryLow:
        return "very-low";
    case Urgency::Low:
        return "low";
    case Urgency::Normal:
        return "normal";
    case Urgency::High:
        return "high";
    }
    Q_UNREACHABLE();
}

std::optional<Urgency> parseUrgency(QByteArrayView text)
{
    for (const Urgency each : { Urgency::VeryLow, Urgency::Low, Urgency::Normal, Urgency::High }) {
        if (text.compare(urgencyName(each), Qt::CaseInsensitive) == 0)
            return each;
    }
    return std::nullopt;
}

} // namespace Carillon
