// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storagebrowser.h"

#include <QHash>

namespace Carillon {

/// Makes a QueueSurvey of all clients and all messages, one after the other. Its memory is bounded:
/// it keeps the sums of MaxSenders senders. Thread: one at a time.
class SurveyCollector
{
public:
    static constexpr qsizetype MaxSenders = 10'000;

    struct Message
    {
        Time accepted;
        Urgency urgency = Urgency::Normal;
        /// storedSize()
        std::int64_t size = 0;
        QByteArray senderKeyHash;
        bool hasTopic = false;
        bool isTracked = false;
    };

    /// Ages are measured up to this time.
    explicit SurveyCollector(Time began);

    void addClient(const Uaid &uaid, std::int64_t messages, std::int64_t bytes);
    void addMessage(const Message &message);
    [[nodiscard]] QueueSurvey finish(Time ended);

private:
    QueueSurvey m_survey;
    QHash<QByteArray, QueueSurvey::Sender> m_senders;
};

} // namespace Carillon
