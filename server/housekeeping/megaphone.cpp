// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/megaphone.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"
#include "server/net/worker.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <future>
#include <memory>
#include <utility>

namespace Carillon {
namespace {

constexpr std::chrono::milliseconds AnswerTimeout { 1'000 };
/// A service that has moved, or spells its path otherwise, answers with one of them.
constexpr int MaxRedirects = 3;
/// Known broadcasts above which those that a poll does not name are forgotten.
constexpr qsizetype MaxKnown = 1'024;

} // namespace

Megaphone::Megaphone(const MegaphoneOptions &options, Metrics &metrics, Changed changed,
                     QObject *parent)
    : QObject(parent), m_url(options.apiUrl), m_metrics(metrics), m_changed(std::move(changed))
{
    m_http.followRedirects(MaxRedirects);
    m_timer.setInterval(options.pollInterval);
    connect(&m_timer, &QTimer::timeout, this, &Megaphone::poll);
}

void Megaphone::start(Worker &asking)
{
    std::promise<Result<HttpClientResponse>> answer;
    std::unique_ptr<HttpClient> http;
    asking.runAndWait([&] {
        http = std::make_unique<HttpClient>();
        http->followRedirects(MaxRedirects);
        http->send("GET", m_url, {}, {}, AnswerTimeout, [&](Result<HttpClientResponse> response) {
            answer.set_value(std::move(response));
        });
    });
    answered(answer.get_future().get());
    asking.runAndWait([&] { http.reset(); });
    m_timer.start();
}

void Megaphone::poll()
{
    m_http.send("GET", m_url, {}, {}, AnswerTimeout,
                [this](const Result<HttpClientResponse> &response) { answered(response); });
}

void Megaphone::answered(const Result<HttpClientResponse> &response)
{
    const auto read =
        response && response->status == 200 ? Megaphone::read(response->body) : std::nullopt;
    m_metrics.add(read ? Metric::MegaphonePolls : Metric::MegaphonePollsFailed);
    if (!read) {
        if (!std::exchange(m_isFailing, true))
            qCWarning(lcConnect) << "the megaphone does not answer as expected; its last known"
                                    " versions stay in force";
        return;
    }
    if (std::exchange(m_isFailing, false))
        qCInfo(lcConnect) << "the megaphone answers again";
    BroadcastVersions versions = m_versions;
    versions.insert(*read);
    if (versions.size() > MaxKnown)
        versions = *read;
    if (versions == m_versions)
        return;
    m_versions = versions;
    m_changed(m_versions);
}

std::optional<BroadcastVersions> Megaphone::read(const QByteArray &json)
{
    const QJsonValue broadcasts =
        QJsonDocument::fromJson(json).object().value(QLatin1String("broadcasts"));
    if (!broadcasts.isObject())
        return std::nullopt;
    BroadcastVersions versions;
    const QJsonObject map = broadcasts.toObject();
    for (auto entry = map.begin(); entry != map.end(); ++entry) {
        if (!entry.value().isString())
            return std::nullopt;
        versions.insert(entry.key().toUtf8(), entry.value().toString().toUtf8());
    }
    return versions;
}

} // namespace Carillon
