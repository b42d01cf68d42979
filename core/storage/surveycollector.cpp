// SPDX-License-Identifier: MPL-2.0
#include "core/storage/surveycollector.h"

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

/// The heap's first element is the least of those that are kept.
bool isDeeper(const QueueSurvey::Queue &left, const QueueSurvey::Queue &right)
{
    return std::pair(left.messages, left.bytes) > std::pair(right.messages, right.bytes);
}

template<typename Bounds, typename Value>
void count(QueueSurvey::Histogram &histogram, const Bounds &bounds, Value value)
{
    const auto bound = std::ranges::lower_bound(bounds, value);
    ++histogram[static_cast<std::size_t>(bound - bounds.begin())];
}

} // namespace

SurveyCollector::SurveyCollector(Time began)
{
    m_survey.began = began;
}

void SurveyCollector::addClient(const Uaid &uaid, std::int64_t messages, std::int64_t bytes)
{
    ++m_survey.clients;
    count(m_survey.depths, QueueSurvey::DepthBounds, messages);
    if (messages == 0)
        return;
    ++m_survey.clientsWithMessages;
    const QueueSurvey::Queue queue { uaid, messages, bytes };
    auto &deepest = m_survey.deepest;
    if (std::cmp_less(deepest.size(), QueueSurvey::Listed)) {
        deepest.push_back(queue);
        std::ranges::push_heap(deepest, isDeeper);
    } else if (isDeeper(queue, deepest.front())) {
        std::ranges::pop_heap(deepest, isDeeper);
        deepest.back() = queue;
        std::ranges::push_heap(deepest, isDeeper);
    }
}

void SurveyCollector::addMessage(const Message &message)
{
    ++m_survey.messages;
    m_survey.bytes += message.size;
    m_survey.withTopic += message.hasTopic ? 1 : 0;
    m_survey.tracked += message.isTracked ? 1 : 0;
    ++m_survey.byUrgency[static_cast<std::size_t>(message.urgency)];
    m_survey.oldest = std::min(m_survey.oldest.value_or(message.accepted), message.accepted);
    count(m_survey.ages, QueueSurvey::AgeBounds, m_survey.began - message.accepted);
    count(m_survey.sizes, QueueSurvey::SizeBounds, message.size);
    auto sender = m_senders.find(message.senderKeyHash);
    if (sender == m_senders.end()) {
        if (m_senders.size() >= MaxSenders)
            return;
        sender = m_senders.insert(message.senderKeyHash, { message.senderKeyHash });
    }
    ++sender->messages;
    sender->bytes += message.size;
}

QueueSurvey SurveyCollector::finish(Time ended)
{
    m_survey.ended = ended;
    std::ranges::sort(m_survey.deepest, isDeeper);
    m_survey.senders.assign(m_senders.cbegin(), m_senders.cend());
    std::ranges::sort(m_survey.senders, [](const auto &left, const auto &right) {
        return std::pair(left.messages, left.bytes) > std::pair(right.messages, right.bytes);
    });
    if (std::cmp_greater(m_survey.senders.size(), QueueSurvey::Listed))
        m_survey.senders.resize(QueueSurvey::Listed);
    return std::move(m_survey);
}

} // namespace Carillon
