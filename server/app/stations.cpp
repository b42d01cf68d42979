// SPDX-License-Identifier: MPL-2.0
#include "server/app/stations.h"

#include <atomic>

namespace Carillon {

void Stations::start(int count)
{
    for (int i = 0; i < count; ++i)
        m_stations.push_back(std::make_unique<Station>(i));
}

void Stations::stop(const std::function<void(Worker &)> &cleanUp)
{
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.stop([&cleanUp, &station = *station] {
            station.transport.reset();
            station.timers.reset();
            cleanUp(station.worker);
        });
    }
}

std::vector<Worker *> Stations::workers() const
{
    std::vector<Worker *> workers;
    workers.reserve(m_stations.size());
    for (const std::unique_ptr<Station> &station : m_stations)
        workers.push_back(&station->worker);
    return workers;
}

void Stations::setKeys(const Fernet &keys, const NodeGate &gate)
{
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.post([&station = *station, keys, gate] {
            if (station.connect)
                station.connect->setKeys(keys);
            if (station.nodes)
                station.nodes->setKeys(gate, keys);
            if (station.endpoint)
                station.endpoint->setKeys(keys);
        });
    }
}

void Stations::setBroadcasts(const BroadcastVersions &versions)
{
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.post(
            [&connect = *station->connect, versions] { connect.setBroadcasts(versions); });
    }
}

void Stations::probe(Mailbox &answers, Task alive)
{
    // Shared: the last worker to answer calls it.
    struct Answers
    {
        std::atomic<std::size_t> missing = 0;
        Task alive;
    };
    const auto state = std::make_shared<Answers>();
    state->missing = m_stations.size();
    state->alive = std::move(alive);
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.post([&answers, state] {
            if (--state->missing == 0)
                answers.post([state] { state->alive(); });
        });
    }
}

void Stations::setAccepting(bool accepts)
{
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.post([&station = *station, accepts] {
            if (station.connect)
                station.connect->setAccepting(accepts);
        });
    }
}

void Stations::closeClients(double share)
{
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.post([&station = *station, share] {
            if (station.connect)
                station.connect->closeSome(share, ErrorCode::Draining);
        });
    }
}

void Stations::stopServing()
{
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.post([&station = *station] {
            station.transport->stopListening();
            if (station.connect)
                station.connect->closeAll(ErrorCode::Draining);
        });
    }
}

void Stations::answerOpenRequests(const HttpResponse &answer)
{
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.post(
            [&station = *station, answer] { station.transport->answerAll(answer); });
    }
}

int Stations::openWork() const
{
    int open = 0;
    for (const std::unique_ptr<Station> &station : m_stations) {
        station->worker.runAndWait([&] {
            open += station->transport->openRequests();
            station->transport->forEachSession([&open](WebSocketSession &) { ++open; });
        });
    }
    return open;
}

} // namespace Carillon
