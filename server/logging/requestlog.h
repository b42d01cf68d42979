// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/requestobserver.h"

namespace Carillon {

/// Logs a line for each HTTP request, in the category carillon.requests. While that category is off
/// a request costs one look at its level. The line names the route's pattern and not the path,
/// which contains tokens and ids. Thread: any.
class RequestLog final : public RequestObserver
{
public:
    [[nodiscard]] bool isWatching() const override;
    [[nodiscard]] std::shared_ptr<ResponseObserver> received(const HttpRequest &request,
                                                             const QByteArray &route) override;
};

} // namespace Carillon
