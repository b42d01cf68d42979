// SPDX-License-Identifier: MPL-2.0
#include "server/routing/peers.h"

#include "core/base/log.h"
#include "core/protocol/nodemessage.h"
#include "server/metrics/metrics.h"
#include "server/net/httpclient.h"
#include "server/net/worker.h"

#include <unordered_map>

namespace Carillon {
namespace {

constexpr std::chrono::milliseconds AnswerTimeout { 5'000 };

} // namespace

/// The deliveries of the clients whose UAID picks one worker. Thread: that worker's.
class Peers::Lane
{
public:
    Lane(Worker &worker, Storage &storage, const NodeSignature &signature, Metrics &metrics)
        : m_worker(worker), m_storage(storage), m_signature(signature), m_metrics(metrics),
          m_http(std::make_unique<HttpClient>())
    {
    }

    [[nodiscard]] Worker &worker() const { return m_worker; }
    void setSignature(NodeSignature signature) { m_signature = std::move(signature); }

    struct Delivery
    {
        Notification message;
        NodeId node;
        std::int64_t connectedAt = 0;
        PushDone done;
    };

    void add(Delivery delivery)
    {
        const Uaid uaid = delivery.message.uaid;
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

    enum class Answer { Taken, NotHere, Unreachable };

    void afterPush(Uaid uaid, Answer answer)
    {
        const Delivery &delivery = m_queues[uaid].front();
        const bool stored = delivery.message.ttl.count() > 0;
        if (answer == Answer::Taken) {
            m_metrics.add(Metric::HandOversTaken);
            finish(uaid);
        } else if (answer == Answer::NotHere) {
            m_metrics.add(Metric::HandOversNotHere);
            if (stored)
                notifyWhereItIsNow(uaid, NodeId());
            else
                finish(uaid);
        } else {
            m_metrics.add(Metric::HandOversFailed);
            release(uaid, delivery.node, delivery.connectedAt, stored);
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
        m_storage.findRoute(uaid, m_queues[uaid].front().message.channelId,
                            [this, uaid, unreachable](Result<std::optional<Route>> route) {
                                m_worker.post([this, uaid, unreachable, route = std::move(route)] {
                                    const bool known = route && *route && !(*route)->node.isEmpty();
                                    if (!known || (*route)->node == unreachable)
                                        finish(uaid);
                                    else
                                        put((*route)->node, "/notif/" + toHex(uaid), QByteArray(),
                                            [this, uaid](Answer) { finish(uaid); });
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
        delivery.done(TakenPush { delivery.message.sortKey });
    }

    void put(const NodeId &node, const QByteArray &path, const QByteArray &body,
             UniqueFunction<void(Answer)> done)
    {
        const std::vector<HttpHeader> headers {
            { NodeSignature::HeaderName.toByteArray(),
              m_signature.sign("PUT", path, body, SystemClock().now()) },
            { "content-type", "application/json" },
        };
        m_http->send("PUT", QUrl(QString::fromLatin1(node.url() + path)), headers, body,
                     AnswerTimeout,
                     [done = std::move(done)](Result<HttpClientResponse> response) mutable {
                         if (!response)
                             done(Answer::Unreachable);
                         else
                             done(response->status == 200 ? Answer::Taken : Answer::NotHere);
                     });
    }

    Worker &m_worker;
    Storage &m_storage;
    NodeSignature m_signature;
    Metrics &m_metrics;
    std::unique_ptr<HttpClient> m_http;
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

void Peers::deliver(Notification message, NodeId node, std::int64_t connectedAt, PushDone done)
{
    Lane &lane = *m_lanes[message.uaid.bytes()[1] % m_lanes.size()];
    lane.worker().post([&lane, message = std::move(message), node = std::move(node), connectedAt,
                        done = std::move(done)]() mutable {
        lane.add({ std::move(message), std::move(node), connectedAt, std::move(done) });
    });
}

} // namespace Carillon
