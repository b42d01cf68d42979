// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/logthrottle.h"
#include "core/base/mutex.h"
#include "core/base/uniquefunction.h"
#include "core/storage/storage.h"
#include "server/net/http/httpmessage.h"
#include "server/net/httpresponder.h"
#include "server/settings/settings.h"

#include <QByteArrayView>

#include <atomic>
#include <vector>

namespace Carillon {

class ErrorResponses;
class Metrics;
class Worker;

/// What the operations routes tell of the whole process. Thread: any.
struct OperationsState
{
    std::atomic<bool> draining = false;
    /// As an administrator wants it (nodedrain.h).
    std::atomic<bool> isOutOfService = false;
    /// What the last look at storage found, good for a second: the look is a real write, and
    /// anybody may ask for it.
    std::atomic<bool> healthy = true;
    std::atomic<Instant> checked = Instant();
    Mutex mutex;
    /// For the look that is under way.
    std::vector<UniqueFunction<void()>> waiting CARILLON_GUARDED_BY(mutex);
    /// Anybody may ask for a test error, as often as they like.
    LogThrottle testErrors;
};

/// What load balancers, orchestrators and monitoring ask for (protocol.md §8). One per worker.
/// Thread: its worker's; made and destroyed while that is not serving.
class Operations
{
public:
    Operations(Worker &worker, OperationsState &state, Storage &storage, const Metrics &metrics,
               const ErrorResponses &errors);

    /// Whether storage can be written, and some numbers that depend on the listener.
    void health(ListenerName listener, HttpResponder responder);
    /// Whether the process serves at all.
    void status(HttpResponder responder) const;
    /// Whether a load balancer should send more requests here.
    void lbHeartbeat(HttpResponder responder) const;
    void version(HttpResponder responder) const;
    /// For Prometheus, in the format that it asks for.
    void metrics(const HttpRequest &request, HttpResponder responder) const;
    /// An error on request, to see whether errors are reported.
    void testError(QByteArrayView path, HttpResponder responder);

private:
    void sendHealth(ListenerName listener, HttpResponder responder) const;
    void whenChecked(UniqueFunction<void()> task);

    Worker &m_worker;
    OperationsState &m_state;
    Storage &m_storage;
    const Metrics &m_metrics;
    const ErrorResponses &m_errors;
};

} // namespace Carillon
