// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"
#include "core/client/broadcasts.h"
#include "server/housekeeping/megaphoneoptions.h"
#include "server/net/client/httpclient.h"

#include <QObject>
#include <QTimer>
#include <QUrl>

#include <optional>

namespace Carillon {

class Metrics;
class Worker;

/// Asks the megaphone for the versions of all broadcasts, again and again (protocol.md §2.8).
/// What a poll does not name stays known until there is too much of it; a poll that fails changes
/// nothing.
/// Owns: its HTTP client. Thread: the one it lives in.
class Megaphone final : public QObject
{
    Q_OBJECT
public:
    using Changed = UniqueFunction<void(const BroadcastVersions &)>;

    /// changed runs when a poll brought something new.
    Megaphone(const MegaphoneOptions &options, Metrics &metrics, Changed changed,
              QObject *parent = nullptr);

    /// Polls for the first time, waits for the answer for as long as any poll may take, then polls
    /// on. The caller's thread need not have an event loop yet; that of `asking` has.
    void start(Worker &asking);

    /// Reads {"broadcasts":{"id":"version",…}}; nullopt: it is something else.
    [[nodiscard]] static std::optional<BroadcastVersions> read(const QByteArray &json);

private:
    void poll();
    void answered(const Result<HttpClientResponse> &response);

    const QUrl m_url;
    Metrics &m_metrics;
    Changed m_changed;
    BroadcastVersions m_versions;
    bool m_isFailing = false;
    HttpClient m_http;
    QTimer m_timer;
};

} // namespace Carillon
