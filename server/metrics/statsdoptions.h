// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QString>
#include <QtGlobal>

#include <chrono>

namespace Carillon {

/// Where metrics are sent under autopush's names, besides being offered at /metrics.
struct StatsdOptions
{
    /// Name or address; empty: nothing is sent.
    QString host;
    quint16 port = 8125;
    std::chrono::milliseconds interval { 10'000 };
    /// What the names begin with, before a dot: those of autoconnect and those of autoendpoint.
    QByteArray connectLabel = "autoconnect";
    QByteArray endpointLabel = "autoendpoint";
    /// Whether tags are sent, in DogStatsD's format.
    bool tags = true;
};

} // namespace Carillon
