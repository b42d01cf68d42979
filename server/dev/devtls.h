// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/tls/tlsserver.h"
#include "server/settings/settings.h"

#include <QByteArrayList>
#include <QObject>
#include <QTimer>

#include <memory>

namespace Carillon {

/// TLS for the endpoint of `serve --dev`, beside plain HTTP, with certificates of an authority of
/// this machine's own; has a new one made long before the last one ends. Owns: the TLS. Thread:
/// main.
class DevTls final : public QObject
{
    Q_OBJECT
public:
    /// The error is a sentence for the operator. settings and clock outlive it.
    [[nodiscard]] static Result<std::unique_ptr<DevTls>, QString> open(const Settings &settings,
                                                                       const Clock &clock);

    [[nodiscard]] const TlsServer &tls() const { return m_tls; }

private:
    DevTls(const Settings &settings, const Clock &clock, TlsContext context);
    void renew();

    const Settings &m_settings;
    const Clock &m_clock;
    WallTime m_expiry;
    TlsServer m_tls;
    QTimer m_looking;
};

/// Whether the endpoint of a server with these settings speaks TLS as this makes it.
[[nodiscard]] bool offersDevTls(const Settings &settings);

/// The origins under which its endpoint can be reached over it.
[[nodiscard]] QByteArrayList devOrigins(const Settings &settings);

} // namespace Carillon
