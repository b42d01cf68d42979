// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/metrics/metricssnapshot.h"

#include <QByteArray>
#include <QByteArrayView>

namespace Carillon {

/// How /metrics is written: in Prometheus' text format 0.0.4, or in OpenMetrics 1.0, which adds
/// units and an end mark.
enum class MetricsFormat : std::uint8_t { Prometheus, OpenMetrics };

/// The format that a request asks for with this Accept field (RFC 9110 §12.5.1): OpenMetrics if it
/// is named and not valued less than text/plain.
[[nodiscard]] MetricsFormat metricsFormat(QByteArrayView accept);
[[nodiscard]] QByteArray contentType(MetricsFormat format);

/// All metrics. Of the values by error code only those that are not zero.
[[nodiscard]] QByteArray prometheusText(const MetricsSnapshot &metrics, MetricsFormat format);

} // namespace Carillon
