// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/metrics/metrics.h"
#include "server/net/tls/tlsserver.h"
#include "server/settings/settings.h"

#include <QObject>
#include <QTimer>

#include <array>
#include <memory>

namespace Carillon {

/// The server's certificate while it runs: exchanged when its files change, never for one that is
/// faulty; says once a day when it is about to expire.
/// Owns: the TLS of all listeners. Thread: main.
class CertificateWatch final : public QObject
{
    Q_OBJECT
public:
    /// Reads the certificate that the settings name. The error is a sentence for the operator.
    /// settings, metrics and clock outlive it.
    [[nodiscard]] static Result<std::unique_ptr<CertificateWatch>, QString>
    open(const Settings &settings, Metrics &metrics, const Clock &clock);

    [[nodiscard]] const TlsServer &tls() const { return m_tls; }

    /// Reads the files that the settings name now; a fault is logged and counted, and what was in
    /// force stays.
    void reload();

private:
    /// What tells one state of a file from another: also a rename or another symbolic link.
    struct Fingerprint
    {
        std::array<std::int64_t, 6> numbers {};
        bool operator==(const Fingerprint &) const = default;
    };
    using Fingerprints = std::array<Fingerprint, 2>;

    CertificateWatch(const Settings &settings, Metrics &metrics, const Clock &clock,
                     TlsContext context, const Fingerprints &files);
    [[nodiscard]] static Fingerprints fingerprints(const Settings::Tls &tls);
    void look();
    void exchange();

    const Settings &m_settings;
    Metrics &m_metrics;
    const Clock &m_clock;
    TlsServer m_tls;
    Fingerprints m_read; // when they were read
    Fingerprints m_seen; // at the last look
    QTimer m_looking;
    QTimer m_daily;
};

} // namespace Carillon
