// SPDX-License-Identifier: MPL-2.0
#include "server/nodes/nodeservice.h"

#include "core/storage/storage.h"
#include "server/net/worker.h"
#include "server/responses/errorresponses.h"
#include "server/routing/dispatcher.h"

#include <utility>

namespace Carillon {
namespace {

HttpResponse found(bool isHere)
{
    return { .status = isHere ? 200 : 404, .headers = {}, .body = {} };
}

} // namespace

NodeService::NodeService(Worker &worker, Dispatcher &dispatcher, Storage &storage,
                         const Clock &clock, const ErrorResponses &errors, NodeGate gate,
                         const Fernet &keys)
    : m_worker(worker), m_dispatcher(dispatcher), m_storage(storage), m_clock(clock),
      m_errors(errors), m_gate(std::move(gate)), m_ids(keys)
{
}

void NodeService::setKeys(NodeGate gate, const Fernet &keys)
{
    m_gate = std::move(gate);
    m_ids = MessageIds(keys);
}

Result<Uaid> NodeService::admit(const HttpRequest &request, QByteArrayView uaid) const
{
    if (!m_gate.accepts(request, m_clock.wall()))
        return Unexpected(ErrorCode::Unauthorized);
    const std::optional<Uaid> client = parseUaid(uaid);
    if (!client)
        return Unexpected(ErrorCode::BadRequest);
    return *client;
}

void NodeService::push(const HttpRequest &request, QByteArrayView uaid, HttpResponder responder)
{
    const Result<Uaid> client = admit(request, uaid);
    if (!client)
        responder.send(m_errors.response(client.error()));
    else if (auto message = fromNodeJson(*client, request.body); !message)
        responder.send(m_errors.response(message.error()));
    else
        handOver(std::move(*message), responder);
}

void NodeService::handOver(NodeMessage message, HttpResponder responder)
{
    Notification &notification = message.notification;
    if (toInt(notification.sortKey) == 0) {
        // A node of autopush's. The key in an id of its making counts milliseconds: taken for one
        // of ours it would be older than any message, and waited for in storage.
        const std::optional<MessageName> name = m_ids.read(message.version.text());
        if (name && name->sortKey && m_ids.names(*name, *name->sortKey)) {
            notification.sortKey = *name->sortKey;
        } else {
            notification.sortKey = m_storage.transientKey();
            notification.ttl = {};
        }
    }
    m_dispatcher.handOver(std::move(message), [this, responder](bool taken) {
        m_worker.perform([responder, taken] { responder.send(found(taken)); });
    });
}

void NodeService::notify(const HttpRequest &request, QByteArrayView uaid, HttpResponder responder)
{
    const Result<Uaid> client = admit(request, uaid);
    responder.send(client ? found(m_dispatcher.checkStorage(*client))
                          : m_errors.response(client.error()));
}

void NodeService::ghost(const HttpRequest &request, QByteArrayView uaid, QByteArrayView connectedAt,
                        HttpResponder responder)
{
    if (!m_gate.isSigned(request, m_clock.wall())) {
        responder.send(m_errors.response(ErrorCode::Unauthorized));
        return;
    }
    const std::optional<Uaid> client = parseUaid(uaid);
    const qlonglong at = connectedAt.toLongLong();
    if (!client || at <= 0) {
        responder.send(m_errors.response(ErrorCode::BadRequest));
        return;
    }
    m_dispatcher.closeOlder(*client, at, [this, responder](bool wasHere) {
        m_worker.perform([responder, wasHere] { responder.send(found(wasHere)); });
    });
}

} // namespace Carillon
