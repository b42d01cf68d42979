// SPDX-License-Identifier: MPL-2.0
#include "server/net/http.h"

namespace Carillon {

QByteArrayView HttpRequest::header(QByteArrayView name) const
{
    for (const HttpHeader &field : headers) {
        if (field.name == name)
            return field.value.isNull() ? QByteArrayView("") : QByteArrayView(field.value);
    }
    return {};
}

} // namespace Carillon
