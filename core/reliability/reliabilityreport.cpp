// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/reliabilityreport.h"

#include <QDateTime>
#include <QJsonArray>
#include <QTimeZone>

#include <algorithm>
#include <numeric>
#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Of an even number, the mean of the two in the middle. Precondition: sorted, not empty.
std::int64_t medianOf(const std::vector<std::int64_t> &sorted)
{
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/// The least value that is not below this share of all. Precondition: as above.
std::int64_t percentileOf(const std::vector<std::int64_t> &sorted, int percent)
{
    const std::size_t rank =
        (sorted.size() * static_cast<std::size_t>(percent) + 99) / 100; // from 1
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double inSeconds(ReliabilityReport::Duration duration)
{
    return static_cast<double>(duration.count()) / 1e6;
}

QByteArray secondsText(ReliabilityReport::Duration duration)
{
    return QByteArray::number(inSeconds(duration), 'f', 3) + " s";
}

void addReportRow(QByteArray &text, std::initializer_list<QByteArray> cells)
{
    for (const QByteArray &cell : cells)
        text += "| " + cell + ' ';
    text += "|\n";
}

QByteArray countText(std::int64_t value)
{
    return QByteArray::number(qlonglong { value });
}

} // namespace

std::int64_t ReliabilityReport::open() const
{
    std::int64_t open = 0;
    for (int i = 0; i < MessageStateCount; ++i) {
        if (const auto state = static_cast<MessageState>(i); !isTerminal(state))
            open += count(state);
    }
    return open;
}

std::optional<double> ReliabilityReport::shareDelivered() const
{
    if (total == 0)
        return std::nullopt;
    return static_cast<double>(count(MessageState::Delivered)) / static_cast<double>(total);
}

void ReportBuilder::add(const Timeline &timeline)
{
    if (timeline.milestones.empty())
        return;
    ++m_total;
    ++m_inState[toIndex(timeline.state)];
    const Time begin = timeline.milestones.front().at;
    Time before = begin;
    for (const Milestone &milestone : timeline.milestones) {
        m_toState[toIndex(milestone.state)].push_back((milestone.at - before).count());
        before = milestone.at;
    }
    if (timeline.state != MessageState::Delivered)
        return;
    const auto delivered =
        std::ranges::find(timeline.milestones, MessageState::Delivered, &Milestone::state);
    if (delivered != timeline.milestones.end())
        m_delivery.push_back((delivered->at - begin).count());
}

ReliabilityReport ReportBuilder::report(QDate date) const
{
    using Duration = ReliabilityReport::Duration;
    ReliabilityReport report { .date = date, .total = m_total, .inState = m_inState };
    if (!m_delivery.empty()) {
        Durations sorted = m_delivery;
        std::ranges::sort(sorted);
        report.delivery = { Duration(sorted.front()), Duration(medianOf(sorted)),
                            Duration(percentileOf(sorted, 95)), Duration(sorted.back()) };
    }
    for (int i = 0; i < MessageStateCount; ++i) {
        Durations sorted = m_toState[static_cast<std::size_t>(i)];
        if (sorted.empty())
            continue;
        std::ranges::sort(sorted);
        const std::int64_t total = std::accumulate(sorted.begin(), sorted.end(), std::int64_t {});
        report.states.push_back({ static_cast<MessageState>(i), std::ssize(sorted), Duration(total),
                                  Duration(total / std::ssize(sorted)),
                                  Duration(medianOf(sorted)) });
    }
    return report;
}

Time beginOf(QDate date)
{
    return Time(
        std::chrono::milliseconds(QDateTime(date, QTime(0, 0), Qt::UTC).toMSecsSinceEpoch()));
}

QDate dateOf(Time time)
{
    return QDateTime::fromMSecsSinceEpoch(toMilliseconds(time), Qt::UTC).date();
}

QJsonObject toJson(const ReliabilityReport &report)
{
    QJsonObject states;
    for (int i = 0; i < MessageStateCount; ++i) {
        const auto state = static_cast<MessageState>(i);
        states.insert(QString::fromLatin1(stateName(state)), qint64 { report.count(state) });
    }
    QJsonArray milestones;
    for (const ReliabilityReport::StateTimes &times : report.states) {
        milestones.append(QJsonObject { { u"state"_s, QString::fromLatin1(stateName(times.state)) },
                                        { u"count"_s, qint64 { times.count } },
                                        { u"total_seconds"_s, inSeconds(times.total) },
                                        { u"mean_seconds"_s, inSeconds(times.mean) },
                                        { u"median_seconds"_s, inSeconds(times.median) } });
    }
    const auto &delivery = report.delivery;
    const auto share = report.shareDelivered();
    return {
        { u"date"_s, report.date.toString(Qt::ISODate) },
        { u"total"_s, qint64 { report.total } },
        { u"delivered"_s, qint64 { report.count(MessageState::Delivered) } },
        { u"expired"_s, qint64 { report.count(MessageState::Expired) } },
        { u"errored"_s, qint64 { report.count(MessageState::Errored) } },
        { u"open"_s, qint64 { report.open() } },
        { u"share_delivered"_s, share ? QJsonValue(*share) : QJsonValue() },
        { u"delivery_seconds"_s,
          delivery ? QJsonValue(QJsonObject { { u"shortest"_s, inSeconds(delivery->shortest) },
                                              { u"median"_s, inSeconds(delivery->median) },
                                              { u"p95"_s, inSeconds(delivery->p95) },
                                              { u"longest"_s, inSeconds(delivery->longest) } })
                   : QJsonValue() },
        { u"states"_s, states },
        { u"milestones"_s, milestones },
    };
}

QByteArray toMarkdown(const ReliabilityReport &report)
{
    const auto share = report.shareDelivered();
    QByteArray text = "# Push reliability, " + report.date.toString(Qt::ISODate).toLatin1()
        + "\n\nTracked messages that were received on this day (UTC).\n\n";
    addReportRow(text, { "messages", "number" });
    addReportRow(text, { "---", "---:" });
    addReportRow(text, { "received", countText(report.total) });
    for (int i = 0; i < MessageStateCount; ++i) {
        const auto state = static_cast<MessageState>(i);
        const bool isAlwaysListed = state == MessageState::Delivered
            || state == MessageState::Expired || state == MessageState::Errored;
        if (isTerminal(state) && (isAlwaysListed || report.count(state) > 0))
            addReportRow(text, { stateName(state).toByteArray(), countText(report.count(state)) });
    }
    addReportRow(text, { "open", countText(report.open()) });
    addReportRow(text,
                 { "share delivered",
                   share ? QByteArray::number(100 * *share, 'f', 2) + " %" : QByteArray("-") });
    if (report.delivery) {
        text += "\n## Time to delivery\n\n";
        addReportRow(text, { "shortest", "median", "95 %", "longest" });
        addReportRow(text, { "---:", "---:", "---:", "---:" });
        addReportRow(text,
                     { secondsText(report.delivery->shortest), secondsText(report.delivery->median),
                       secondsText(report.delivery->p95), secondsText(report.delivery->longest) });
    }
    if (!report.states.empty()) {
        text += "\n## Milestones\n\nTimes are those since the milestone before.\n\n";
        addReportRow(text, { "milestone", "count", "total", "mean", "median" });
        addReportRow(text, { "---", "---:", "---:", "---:", "---:" });
        for (const ReliabilityReport::StateTimes &times : report.states)
            addReportRow(text,
                         { stateName(times.state).toByteArray(), countText(times.count),
                           secondsText(times.total), secondsText(times.mean),
                           secondsText(times.median) });
    }
    return text;
}

} // namespace Carillon
