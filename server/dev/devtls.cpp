// SPDX-License-Identifier: MPL-2.0
#include "server/dev/devtls.h"

#include "core/base/log.h"
#include "server/dev/devauthority.h"
#include "server/settings/topology.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

using namespace std::chrono_literals;

/// Of its 90 days a certificate has less than this left: a new one is made.
constexpr auto RenewBefore = std::chrono::days(60);
/// Timers stand still while a laptop sleeps, so they are short.
constexpr auto RenewalCheckInterval = 1h;

Result<TlsContext, QString> issue(const Settings &settings, WallTime now)
{
    const QString &directory = settings.state.dir;
    const auto authority = DevAuthority::open(directory, now);
    if (!authority)
        return Unexpected(authority.error());
    if (authority->isNew())
        qCInfo(lcApp).noquote() << "created a certificate authority for senders that use TLS:"
                                << DevAuthority::certificateFile(directory);
    return authority->issue(settings.endpoint.host, now);
}

} // namespace

Result<std::unique_ptr<DevTls>, QString> DevTls::open(const Settings &settings, const Clock &clock)
{
    auto context = issue(settings, clock.wall());
    if (!context)
        return Unexpected(context.error());
    return std::unique_ptr<DevTls>(new DevTls(settings, clock, std::move(*context)));
}

DevTls::DevTls(const Settings &settings, const Clock &clock, TlsContext context)
    : m_settings(settings), m_clock(clock), m_expiry(context.expiry()), m_tls(std::move(context))
{
    connect(&m_looking, &QTimer::timeout, this, &DevTls::renew);
    m_looking.start(RenewalCheckInterval);
}

void DevTls::renew()
{
    const WallTime now = m_clock.wall();
    if (m_expiry - now > RenewBefore)
        return;
    auto context = issue(m_settings, now);
    if (!context) {
        qCWarning(lcApp).noquote()
            << "the certificate for TLS with --dev was not renewed:" << context.error();
        return;
    }
    m_expiry = context->expiry();
    m_tls.use(std::move(*context));
}

bool offersDevTls(const Settings &settings)
{
    return settings.dev && Topology(settings).takesPushes()
        && settings.transport == TransportKind::Native
        && !speaksTls(settings, ListenerName::Endpoint);
}

QByteArrayList devOrigins(const Settings &settings)
{
    QByteArrayList origins { httpOrigin(u"https"_s, u"localhost"_s, settings.endpoint.port) };
    for (const QHostAddress &host : settings.endpoint.host)
        origins << httpOrigin(u"https"_s, host.toString(), settings.endpoint.port);
    return origins;
}

} // namespace Carillon
