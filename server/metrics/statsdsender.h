// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/metrics/metricssnapshot.h"
#include "server/metrics/statsdoptions.h"

#include <QHostInfo>
#include <QObject>
#include <QTimer>

namespace Carillon {

class Metrics;

/// Sends what the metrics have changed by to StatsD, over UDP, at each interval and once more at
/// its end. Never waits. While the host has no address, changes add up until it has one; packets
/// that are lost on their way are lost. The log has one line when sending begins to fail and one
/// when it works again. Owns: its socket. Thread: main. The metrics outlive it.
class StatsdSender final : public QObject
{
    Q_OBJECT
public:
    StatsdSender(StatsdOptions options, Metrics &metrics);
    ~StatsdSender() override;

    /// Sends what has changed since the last time.
    void flush();

private Q_SLOTS:
    void found(const QHostInfo &info);

private:
    void tick();
    void lookUp();
    void use(const QHostAddress &address);
    void closeSocket();
    void failed(int packets, const QString &why);
    void worked();

    const StatsdOptions m_options;
    Metrics &m_metrics;
    MetricsSnapshot m_sent {}; // all zeros at first: clients may be served before this is made
    int m_socket = -1; // connected; -1: the host has no address yet
    QHostAddress m_address;
    bool m_isLookingUp = false;
    Instant m_lookedUp;
    bool m_isDown = false;
    int m_goodFlushes = 0; // since the last failure
    QTimer m_timer;
};

} // namespace Carillon
