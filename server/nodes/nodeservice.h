// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/message/messageid.h"
#include "core/protocol/nodemessage.h"
#include "server/net/httpresponder.h"
#include "server/nodes/nodegate.h"

namespace Carillon {

class Dispatcher;
class ErrorResponses;
class Storage;
class Worker;

/// What other processes, and nobody else, may ask of this one (protocol.md §7).
/// Owns: its keys. Thread: its worker's; made and destroyed while that is not serving.
class NodeService
{
public:
    NodeService(Worker &worker, Dispatcher &dispatcher, Storage &storage, const Clock &clock,
                const ErrorResponses &errors, NodeGate gate, const Fernet &keys);

    void setKeys(NodeGate gate, const Fernet &keys);

    /// PUT /push: a message for a client that is connected here. 200, or 404: it is not.
    void push(const HttpRequest &request, QByteArrayView uaid, HttpResponder responder);
    /// PUT /notif: there is something in storage for a client. 200, or 404 as above.
    void notify(const HttpRequest &request, QByteArrayView uaid, HttpResponder responder);
    /// PUT /ghost, Carillon's own and always signed: another process has the client's newest
    /// connection, which began at connectedAt (milliseconds). 200: none that is older is here any
    /// more, and what it said is in storage; 404 as above.
    void ghost(const HttpRequest &request, QByteArrayView uaid, QByteArrayView connectedAt,
               HttpResponder responder);

private:
    /// Whose client is meant, if the request may be made at all.
    [[nodiscard]] Result<Uaid> admit(const HttpRequest &request, QByteArrayView uaid) const;
    void handOver(NodeMessage message, HttpResponder responder);

    Worker &m_worker;
    Dispatcher &m_dispatcher;
    Storage &m_storage;
    const Clock &m_clock;
    const ErrorResponses &m_errors;
    NodeGate m_gate;
    MessageIds m_ids;
};

} // namespace Carillon
