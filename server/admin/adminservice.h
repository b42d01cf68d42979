// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/adminstore.h"
#include "server/admin/adminaccess.h"
#include "server/admin/adminapi.h"
#include "server/net/httpservice.h"

namespace Carillon {

class Worker;

/// The API over HTTP: judges who asks, finds the route, checks the request against it, and turns
/// what its handler answers into a response. Thread: the admin thread; made before that serves.
class AdminService final : public HttpService
{
public:
    /// All of them outlive it.
    struct Dependencies
    {
        Worker &worker; // the admin thread
        AdminApi &api;
        AdminAccess &access;
        AdminStore &store; // of the audit log
        const Clock &clock;
    };

    static constexpr std::int64_t MostBodyBytes = 64 * 1024;

    explicit AdminService(const Dependencies &dependencies) : m_with(dependencies) { }

    [[nodiscard]] std::int64_t bodyLimit(const HttpRequest &) const override
    {
        return MostBodyBytes;
    }
    void handle(HttpRequest request, HttpResponder responder) override;
    [[nodiscard]] HttpResponse refuse(const HttpRequest &head, ErrorCode why) const override;

private:
    class Call;
    struct Found
    {
        AdminRoute *route = nullptr; // null: no such path and method
        std::vector<std::pair<QString, QString>> path;
        QByteArray allowed; // the methods that the path has
    };

    [[nodiscard]] Found find(const HttpRequest &request) const;
    [[nodiscard]] Result<void, Problem> dispatch(const HttpRequest &request,
                                                 HttpResponder responder);

    Dependencies m_with;
};

} // namespace Carillon
