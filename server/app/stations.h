// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/client/broadcasts.h"
#include "server/app/station.h"

#include <functional>
#include <memory>
#include <vector>

namespace Carillon {

class Mailbox;

/// The workers of this process, each with what lives on it.
/// Owns: the stations. They outlive storage, whose answers name their workers.
/// Thread: main.
class Stations
{
public:
    /// Starts this many workers; their stations are empty.
    void start(int count);
    /// Stops the workers; each one's last task runs cleanUp, once its transport is gone.
    void stop(const std::function<void(Worker &)> &cleanUp);

    [[nodiscard]] const std::vector<std::unique_ptr<Station>> &all() const { return m_stations; }
    [[nodiscard]] std::vector<Worker *> workers() const;

    /// New crypto keys (SIGHUP).
    void setKeys(const Fernet &keys, const NodeGate &gate);
    /// The newest versions of all broadcasts, for all clients.
    void setBroadcasts(const BroadcastVersions &versions);
    /// Calls alive, on answers' thread, once every worker has had its turn.
    void probe(Mailbox &answers, Task alive);

    /// Whether clients may connect.
    void setAccepting(bool accepts);
    /// Closes this share of the clients, so that they come back elsewhere.
    void closeClients(double share);
    /// Stops listening, and closes the clients so that they come back elsewhere.
    void stopServing();
    /// Answers every request that is still open.
    void answerOpenRequests(const HttpResponse &answer);
    /// How many requests and WebSocket sessions are open. Waits for the workers.
    [[nodiscard]] int openWork() const;

private:
    std::vector<std::unique_ptr<Station>> m_stations;
};

} // namespace Carillon
