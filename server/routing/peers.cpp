// SPDX-License-Identifier: MPL-2.0
#include "server/routing/peers.h"

#include "core/base/log.h"
#include "core/protocol/nodemessage.h"
#include "server/metrics/metrics.h"
#include "server/net/originclient.h"
#include "server/net/worker.h"

#include <unordered_map>
#include <utility>

namespace Carillon {
namespace {

constexpr std::chrono::milliseconds AnswerTimeout { 5'000 };

} // namespace

/// The deliveries of the clients whose UAID picks one worker. Thread: that worker's.
class Peers::Lane
{
public:
    Lane(Worker &worker, Storage &storage, const NodeSignature &signature, Metrics &metrics)
        : m_worker(worker), m_storage(storage), m_signature(signature), m_metrics(metrics)
    {
    }

    [[nodiscard]] Worker &worker() const { return m_worker; }
    void setSignature(NodeSignature signature) { m_signature = std::move(signature); }

    struct Delivery
    {
        NodeMessage message;
        NodeId node;
        PushDone done;
    };

    void add(Delivery delivery)
    {
        const Uaid uaid = delivery.message.notification.uaid;
        std::deque<Delivery> &queue = m_queues[uaid];
        queue.push_back(std::move(delivery));
        if (queue.size() == 1)
            push(uaid);
    }

private:
    /// PUT /push: the message itself, to the process that the record named when it was stored.
    void push(Uaid uaid)
    {
        const Delivery &delivery = m_queues[uaid].front();
        put(delivery.node, "/push/" + toHex(uaid), toNodeJson(delivery.message),
            [this, uaid](Answer answer) { afterPush(uaid, answer); });
    }

    enum class Answer {
        Taken,
        NotHere,
        Refused, // it is there, and does not know what we sign with
        Unreachable,
    };

    void afterPush(Uaid uaid, Answer answer)
    {
        const Delivery &delivery = m_queues[uaid].front();
        const bool stored = delivery.message.notification.ttl.count() > 0;
        if (answer == Answer::Taken) {
            m_metrics.add(Metric::HandOversTaken);
            m_wasRefused = false;
            finish(uaid);
        } else if (answer == Answer::NotHere) {
            m_metrics.add(Metric::HandOversNotHere);
            if (stored)
                notifyWhereItIsNow(uaid, NodeId());
            else
                finish(uaid);
        } else if (answer == Answer::Refused) {
            m_metrics.add(Metric::HandOversFailed);
            finish(uaid);
        } else {
            m_metrics.add(Metric::HandOversFailed);
            release(uaid, delivery.node, delivery.message.connectedAt, stored);
        }
    }

    /// The node is gone: unless the client has connected anew meanwhile, its record says so.
    void release(Uaid uaid, const NodeId &node, std::int64_t connectedAt, bool stored)
    {
        qCInfo(lcRouting) << "node" << node.url() << "cannot be reached";
        m_storage.releaseClient(uaid, connectedAt, [this, uaid, node, stored](Result<bool>) {
            m_worker.post([this, uaid, node, stored] {
                if (stored)
                    notifyWhereItIsNow(uaid, node);
                else
                    finish(uaid);
            });
        });
    }

    /// PUT /notif: a word to read storage, to wherever the client is by now, but not to the node
    /// that could not be reached.
    void notifyWhereItIsNow(Uaid uaid, const NodeId &unreachable)
    {
        m_storage.findRoute(uaid, m_queues[uaid].front().message.notification.channelId,
                            [this, uaid, unreachable](Result<std::optional<Route>> route) {
                                m_worker.post([this, uaid, unreachable, route = std::move(route)] {
                                    const bool known = route && *route && !(*route)->node.isEmpty();
                                    if (!known || (*route)->node == unreachable)
                                        finish(uaid);
                                    else
                                        notify(uaid, **route);
                                });
                            });
    }

    void notify(Uaid uaid, const Route &route)
    {
        put(route.node, "/notif/" + toHex(uaid), QByteArray(),
            [this, uaid, connectedAt = route.connectedAt](Answer answer) {
                // Whoever connects there registers before storage names the node, so it is gone:
                // the next push need not ask.
                if (answer == Answer::NotHere)
                    m_storage.releaseClient(uaid, connectedAt, [](const Result<bool> &) {});
                finish(uaid);
            });
    }

    void finish(Uaid uaid)
    {
        const auto entry = m_queues.find(uaid);
        Delivery delivery = std::move(entry->second.front());
        entry->second.pop_front();
        if (entry->second.empty())
            m_queues.erase(entry);
        else
            push(uaid);
        delivery.done(TakenPush { delivery.message.notification.sortKey });
    }

    /// secret: which one signs. A node that was not yet told the newest knows an older one.
    void put(const NodeId &node, const QByteArray &path, const QByteArray &body,
             UniqueFunction<void(Answer)> done, qsizetype secret = 0)
    {
        const std::vector<HttpHeader> headers {
            { NodeSignature::HeaderName.toByteArray(),
              m_signature.sign("PUT", path, body, SystemClock().now(), secret) },
            { "content-type", "application/json" },
        };
        m_nodes.put(node.url(), path, headers, body, AnswerTimeout,
                    [this, node, path, body, done = std::move(done),
                     secret](const Result<HttpClientResponse> &response) mutable {
                        if (!response)
                            done(Answer::Unreachable);
                        else if (response->status != 401)
                            done(response->status == 200 ? Answer::Taken : Answer::NotHere);
                        else if (secret + 1 < m_signature.secrets())
                            put(node, path, body, std::move(done), secret + 1);
                        else
                            refused(node, std::move(done));
                    });
    }

    /// Said once, until something is taken again.
    void refused(const NodeId &node, UniqueFunction<void(Answer)> done)
    {
        if (!std::exchange(m_wasRefused, true))
            qCWarning(lcRouting)
                << "node" << node.url()
                << "refuses what this one signs: their crypto keys or cluster secrets"
                   " differ. Its clients get their messages when they connect again.";
        done(Answer::Refused);
    }

    Worker &m_worker;
    Storage &m_storage;
    NodeSignature m_signature;
    Metrics &m_metrics;
    OriginClient m_nodes;
    bool m_wasRefused = false;
    struct HashUaid
    {
        std::size_t operator()(const Uaid &uaid) const { return qHash(uaid); }
    };
    std::unordered_map<Uaid, std::deque<Delivery>, HashUaid> m_queues; // the front is on its way
};

Peers::Peers(const std::vector<Worker *> &workers, Storage &storage, NodeSignature signature,
             Metrics &metrics)
{
    for (Worker *worker : workers) {
        worker->runAndWait([&] {
            m_lanes.push_back(std::make_unique<Lane>(*worker, storage, signature, metrics));
        });
    }
}

Peers::~Peers() = default;

void Peers::setSignature(const NodeSignature &signature)
{
    for (const std::unique_ptr<Lane> &lane : m_lanes)
        lane->worker().post([&lane = *lane, signature] { lane.setSignature(signature); });
}

void Peers::close(const Worker &worker)
{
    for (std::unique_ptr<Lane> &lane : m_lanes) {
        if (lane && &lane->worker() == &worker)
            lane.reset();
    }
}

void Peers::deliver(NodeMessage message, NodeId node, PushDone done)
{
    Lane &lane = *m_lanes[message.notification.uaid.bytes()[1] % m_lanes.size()];
    lane.worker().post([&lane, message = std::move(message), node = std::move(node),
                        done = std::move(done)]() mutable {
        lane.add({ std::move(message), std::move(node), std::move(done) });
    });
}

} // namespace Carillon
