// SPDX-License-Identifier: MPL-2.0
#include "server/nodes/nodeclient.h"

#include "core/base/log.h"
#include "core/base/logthrottle.h"
#include "core/protocol/nodemessage.h"
#include "server/journal/journal.h"
#include "server/net/client/pooledhttpclient.h"
#include "server/net/worker.h"

#include <QObject>
#include <QSet>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <utility>

namespace Carillon {
namespace {

constexpr std::chrono::milliseconds AnswerTimeout { 5'000 };
/// A client's hello waits for it.
constexpr std::chrono::milliseconds CloseTimeout { 1'000 };
/// How long a node that did not answer is left alone, doubled each time it still does not.
constexpr std::chrono::milliseconds FirstPause { 500 };
constexpr std::chrono::milliseconds LongestPause { 30'000 };
/// What may wait to be handed over on one worker. Beyond it a stored message stays in storage, and
/// its client is told to read there.
constexpr std::int64_t MostWaiting = 4'096;
constexpr std::int64_t MostBytes = 16 << 20;
/// Clients of one node that are told to read storage at the same time.
constexpr int ToldAtOnce = 32;

} // namespace

/// The deliveries of the clients whose UAID picks one worker. It outlives that worker, so that what
/// storage still answers finds it; then it does nothing. Thread: that worker's.
class NodeClient::Deliveries
{
public:
    Deliveries(Worker &worker, Storage &storage, const NodeSignature &signature, Journal &journal)
        : m_worker(worker), m_storage(storage), m_signature(signature), m_journal(journal),
          m_nodes(std::make_unique<PooledHttpClient>()), m_timers(std::make_unique<QObject>())
    {
    }

    [[nodiscard]] Worker &worker() const { return m_worker; }
    void setSignature(NodeSignature signature) { m_signature = std::move(signature); }
    /// Deliveries that are not over. Thread: any.
    [[nodiscard]] int open() const { return m_open; }
    /// Clients that are not told yet. Thread: any.
    [[nodiscard]] int untold() const { return m_untoldClients; }

    struct Delivery
    {
        NodeMessage message;
        NodeId node;

        [[nodiscard]] bool isStored() const { return message.notification.ttl.count() > 0; }
        [[nodiscard]] std::int64_t bytes() const { return message.notification.body.size(); }
    };

    /// Thread: any.
    void post(Delivery delivery)
    {
        ++m_open;
        m_worker.post(
            [this, delivery = std::move(delivery)]() mutable { add(std::move(delivery)); });
    }

    /// Thread: any.
    void closeOlder(const Uaid &uaid, std::int64_t connectedAt, const NodeId &node, Task done)
    {
        m_worker.post([this, uaid, connectedAt, node, done = std::move(done)]() mutable {
            put(
                node, "/ghost/" + toHex(uaid) + '/' + QByteArray::number(qlonglong(connectedAt)),
                {}, [done = std::move(done)](Answer) mutable { done(); }, CloseTimeout);
        });
    }

    /// Thread: any.
    void drain()
    {
        m_worker.post([this] {
            m_isDraining = true;
            std::vector<QByteArray> nodes;
            for (auto &[node, untold] : m_untold) {
                untold.isPaused = false;
                nodes.push_back(node);
            }
            for (const QByteArray &node : nodes)
                tellNext(NodeId(node));
        });
    }

    /// Ends what is open without an answer, as the last that the worker does.
    void close()
    {
        m_timers.reset();
        m_nodes.reset();
        m_queues.clear();
        m_untold.clear();
    }

private:
    /// What a node said to a request.
    enum class Answer {
        Taken,
        NotHere,
        Refused, // it is there, and does not know what we sign with
        Unreachable, // nobody listens there
        None, // in time, or none of the protocol's: it is there, and has trouble
    };

    /// The clients of a node that does not keep up: each has messages in storage that it has not
    /// been told of.
    struct Untold
    {
        std::unordered_map<Uaid, ChannelId, IdHash> clients;
        std::chrono::milliseconds pause {}; // 0: the node answers
        bool isPaused = false;
        int asked = 0;
    };

    void add(Delivery delivery)
    {
        const Uaid uaid = delivery.message.notification.uaid;
        std::deque<Delivery> &queue = m_queues[uaid];
        m_bytes += delivery.bytes();
        queue.push_back(std::move(delivery));
        if (queue.size() == 1)
            begin(uaid);
    }

    void record(const Delivery &delivery, Fact::MessageHandedOver::Outcome outcome,
                bool wasOffered = true)
    {
        m_journal.record(Fact::MessageHandedOver { delivery.message.notification, delivery.node,
                                                   outcome, wasOffered });
    }

    void begin(const Uaid &uaid)
    {
        const Delivery &delivery = m_queues[uaid].front();
        const bool keepsUp = !m_untold.contains(delivery.node.url());
        if (keepsUp && m_open <= MostWaiting && m_bytes <= MostBytes) {
            push(uaid, delivery);
            return;
        }
        record(delivery, Fact::MessageHandedOver::Outcome::Failed, false);
        if (delivery.isStored())
            tellLater(delivery.node, uaid, delivery.message.notification.channelId);
        finish(uaid);
    }

    /// PUT /push: the message itself, to the process that the record named when it was stored.
    void push(const Uaid &uaid, const Delivery &delivery)
    {
        m_journal.record(Fact::MessageOffered { delivery.message.notification, delivery.node });
        put(delivery.node, "/push/" + toHex(uaid), toNodeJson(delivery.message),
            [this, uaid](Answer answer) { afterPush(uaid, answer); });
    }

    void afterPush(const Uaid &uaid, Answer answer)
    {
        const Delivery &delivery = m_queues[uaid].front();
        const bool stored = delivery.isStored();
        const ChannelId channel = delivery.message.notification.channelId;
        using Outcome = Fact::MessageHandedOver::Outcome;
        record(delivery,
               answer == Answer::Taken         ? Outcome::Taken
                   : answer == Answer::NotHere ? Outcome::NotHere
                                               : Outcome::Failed);
        switch (answer) {
        case Answer::Taken:
        case Answer::Refused:
            break;
        case Answer::NotHere:
            if (!stored)
                break;
            tellWhereItIsNow(uaid, channel, NodeId(),
                             [this, uaid, channel](const NodeId &node, Answer told) {
                                 if (told == Answer::None)
                                     noAnswer(node, uaid, channel);
                                 finish(uaid);
                             });
            return;
        case Answer::Unreachable:
            release(uaid, delivery.node, delivery.message.connectedAt, stored);
            return;
        case Answer::None:
            if (stored)
                noAnswer(delivery.node, uaid, channel);
            break;
        }
        finish(uaid);
    }

    /// Nobody listens at the node: unless the client has connected anew meanwhile, its record
    /// says so.
    void release(const Uaid &uaid, const NodeId &node, std::int64_t connectedAt, bool stored)
    {
        if (const auto leftOut = m_unreachable.pass())
            qCInfo(lcRouting).noquote()
                << "node" << node.url() << "cannot be reached" + leftOutText(*leftOut);
        m_storage.releaseClient(uaid, connectedAt, [this, uaid, node, stored](Result<bool>) {
            m_worker.post([this, uaid, node, stored] {
                if (!stored) {
                    finish(uaid);
                    return;
                }
                tellWhereItIsNow(uaid, m_queues[uaid].front().message.notification.channelId, node,
                                 [this, uaid](const NodeId &, Answer) { finish(uaid); });
            });
        });
    }

    using Told = UniqueFunction<void(const NodeId &, Answer)>;

    /// PUT /notif: a word to read storage, to wherever the client is by now, but not to the node
    /// that could not be reached. Taken where nobody has to be told.
    void tellWhereItIsNow(const Uaid &uaid, const ChannelId &channel, const NodeId &unreachable,
                          Told told)
    {
        m_storage.findRoute(uaid, channel,
                            [this, uaid, unreachable,
                             told = std::move(told)](Result<std::optional<Route>> route) mutable {
                                m_worker.post([this, uaid, unreachable, route = std::move(route),
                                               told = std::move(told)]() mutable {
                                    const bool known = route && *route && !(*route)->node.isEmpty();
                                    if (!known || (*route)->node == unreachable)
                                        told(NodeId(), Answer::Taken);
                                    else
                                        tell(uaid, **route, std::move(told));
                                });
                            });
    }

    void tell(const Uaid &uaid, const Route &route, Told told)
    {
        put(route.node, "/notif/" + toHex(uaid), QByteArray(),
            [this, uaid, node = route.node, connectedAt = route.connectedAt,
             told = std::move(told)](Answer answer) mutable {
                // Whoever connects there registers before storage names the node, so it is gone:
                // the next push need not ask.
                if (answer == Answer::NotHere)
                    m_storage.releaseClient(uaid, connectedAt, [](const Result<bool> &) {});
                told(node, answer);
            });
    }

    /// The client's messages are stored; it is told when its turn comes.
    void tellLater(const NodeId &node, const Uaid &uaid, const ChannelId &channel)
    {
        remember(m_untold[node.url()], uaid, channel);
        tellNext(node);
    }

    void noAnswer(const NodeId &node, const Uaid &uaid, const ChannelId &channel)
    {
        Untold &untold = m_untold[node.url()];
        remember(untold, uaid, channel);
        if (m_isDraining)
            giveUp(node, untold);
        else
            pause(node, untold);
    }

    void remember(Untold &untold, const Uaid &uaid, const ChannelId &channel)
    {
        if (untold.clients.insert_or_assign(uaid, channel).second)
            ++m_untoldClients;
    }

    void giveUp(const NodeId &node, Untold &untold)
    {
        qCWarning(lcRouting) << "node" << node.url() << "does not answer;" << untold.clients.size()
                             << "of its clients were not notified of their messages";
        m_untoldClients -= static_cast<int>(untold.clients.size());
        untold.clients.clear();
        if (untold.asked == 0)
            m_untold.erase(node.url());
    }

    /// With back-off, for all clients of a node together.
    void pause(const NodeId &node, Untold &untold)
    {
        if (std::exchange(untold.isPaused, true))
            return;
        if (untold.pause.count() == 0)
            qCWarning(lcRouting) << "node" << node.url()
                                 << "does not answer; its clients are notified of their "
                                    "messages later";
        untold.pause = std::clamp(untold.pause * 2, FirstPause, LongestPause);
        QTimer::singleShot(untold.pause, m_timers.get(), [this, node] {
            m_untold[node.url()].isPaused = false;
            tellNext(node);
        });
    }

    /// After a pause one client shows whether the node answers again.
    void tellNext(const NodeId &node)
    {
        Untold &untold = m_untold[node.url()];
        const int atOnce = untold.pause.count() == 0 ? ToldAtOnce : 1;
        while (!untold.isPaused && untold.asked < atOnce && !untold.clients.empty()) {
            const auto [uaid, channel] = *untold.clients.begin();
            untold.clients.erase(untold.clients.begin());
            ++untold.asked;
            tellWhereItIsNow(
                uaid, channel, NodeId(),
                [this, node, uaid = uaid, channel = channel](const NodeId &, Answer answer) {
                    afterTold(node, uaid, channel, answer);
                });
        }
        if (untold.asked == 0 && untold.clients.empty())
            m_untold.erase(node.url());
    }

    void afterTold(const NodeId &node, const Uaid &uaid, const ChannelId &channel, Answer answer)
    {
        Untold &untold = m_untold[node.url()];
        --untold.asked;
        --m_untoldClients;
        if (answer == Answer::None) {
            noAnswer(node, uaid, channel);
            return;
        }
        if (untold.pause.count() != 0)
            qCInfo(lcRouting) << "node" << node.url() << "answers again";
        untold.pause = {};
        tellNext(node);
    }

    void finish(const Uaid &uaid)
    {
        const auto entry = m_queues.find(uaid);
        m_bytes -= entry->second.front().bytes();
        entry->second.pop_front();
        --m_open;
        if (entry->second.empty())
            m_queues.erase(entry);
        else
            begin(uaid);
    }

    /// secret: which one signs. A node that was not yet told the newest knows an older one.
    void put(const NodeId &node, const QByteArray &path, const QByteArray &body,
             UniqueFunction<void(Answer)> done, std::chrono::milliseconds timeout = AnswerTimeout,
             qsizetype secret = 0)
    {
        const std::vector<HttpHeader> headers {
            { NodeSignature::HeaderName.toByteArray(),
              m_signature.sign("PUT", path, body, SystemClock().wall(), secret) },
            { "content-type", "application/json" },
        };
        m_nodes->put(node.url(), path, headers, body, timeout,
                     [this, node, path, body, done = std::move(done), timeout,
                      secret](const Result<HttpClientResponse> &response) mutable {
                         if (!response)
                             done(response.error() == ErrorCode::NotFound ? Answer::Unreachable
                                                                          : Answer::None);
                         else if (response->status == 401 && secret + 1 < m_signature.secrets())
                             put(node, path, body, std::move(done), timeout, secret + 1);
                         else
                             done(read(node, response->status));
                     });
    }

    Answer read(const NodeId &node, int status)
    {
        switch (status) {
        case 200:
            m_refusing.remove(node.url());
            return Answer::Taken;
        case 404:
            return Answer::NotHere;
        case 401:
            // Said once, until the node takes something again.
            if (!m_refusing.contains(node.url())) {
                m_refusing.insert(node.url());
                qCWarning(lcRouting)
                    << "node" << node.url()
                    << "rejects the signatures of this one: their crypto keys or cluster "
                       "secrets differ. Its clients get their messages when they connect again.";
            }
            return Answer::Refused;
        default:
            return Answer::None;
        }
    }

    Worker &m_worker;
    Storage &m_storage;
    NodeSignature m_signature;
    Journal &m_journal;
    std::unique_ptr<PooledHttpClient> m_nodes;
    std::unique_ptr<QObject> m_timers; // ends those that wait
    QSet<QByteArray> m_refusing; // nodes
    LogThrottle m_unreachable;
    std::unordered_map<Uaid, std::deque<Delivery>, IdHash> m_queues; // the front is on its way
    std::unordered_map<QByteArray, Untold> m_untold; // by node; those that do not keep up
    std::int64_t m_bytes = 0; // in the queues
    std::atomic<int> m_open = 0;
    std::atomic<int> m_untoldClients = 0; // in m_untold, and those that are being told
    bool m_isDraining = false;
};

NodeClient::NodeClient(const std::vector<Worker *> &workers, Storage &storage,
                       NodeSignature signature, Journal &journal)
{
    for (Worker *worker : workers) {
        worker->runAndWait([&] {
            m_deliveries.push_back(
                std::make_unique<Deliveries>(*worker, storage, signature, journal));
        });
    }
}

NodeClient::~NodeClient() = default;

void NodeClient::setSignature(const NodeSignature &signature)
{
    for (const std::unique_ptr<Deliveries> &deliveries : m_deliveries)
        deliveries->worker().post(
            [&deliveries = *deliveries, signature] { deliveries.setSignature(signature); });
}

void NodeClient::close(const Worker &worker)
{
    for (const std::unique_ptr<Deliveries> &deliveries : m_deliveries) {
        if (&deliveries->worker() == &worker)
            deliveries->close();
    }
}

void NodeClient::drain()
{
    for (const std::unique_ptr<Deliveries> &deliveries : m_deliveries)
        deliveries->drain();
}

int NodeClient::untold() const
{
    int all = 0;
    for (const std::unique_ptr<Deliveries> &deliveries : m_deliveries)
        all += deliveries->untold();
    return all;
}

int NodeClient::open() const
{
    int all = 0;
    for (const std::unique_ptr<Deliveries> &deliveries : m_deliveries)
        all += deliveries->open();
    return all;
}

NodeClient::Deliveries &NodeClient::deliveriesOf(const Uaid &uaid) const
{
    return *m_deliveries[uaid.bytes().back() % m_deliveries.size()];
}

void NodeClient::handOver(NodeMessage message, NodeId node)
{
    Deliveries &deliveries = deliveriesOf(message.notification.uaid);
    deliveries.post({ std::move(message), std::move(node) });
}

void NodeClient::closeOlder(const Uaid &uaid, std::int64_t connectedAt, const NodeId &node,
                            Task done)
{
    deliveriesOf(uaid).closeOlder(uaid, connectedAt, node, std::move(done));
}

} // namespace Carillon
