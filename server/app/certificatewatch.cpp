// SPDX-License-Identifier: MPL-2.0
#include "server/app/certificatewatch.h"

#include "core/base/log.h"
#include "server/app/certificate.h"

#include <QFile>

#include <sys/stat.h>

namespace Carillon {

namespace {

using namespace std::chrono_literals;

/// The files are looked at, not watched: inotify sees neither the far end of symbolic links, which
/// certbot and Kubernetes switch, nor network file systems. Two stat() cost next to nothing.
constexpr auto LookInterval = 1s;
/// For warnings; also the life of the keys of session tickets, which each reading makes anew.
constexpr auto Daily = 24h;

std::int64_t nanoseconds(const timespec &time)
{
    return std::int64_t { time.tv_sec } * 1'000'000'000 + time.tv_nsec;
}

void announce(const TlsContext &certificate, const Settings &settings, const Clock &clock)
{
    qCInfo(lcApp).noquote() << "certificate read, valid until" << dateText(certificate.expiry());
    for (const QString &warning : certificateWarnings(certificate, settings, clock.wall()))
        qCWarning(lcApp).noquote() << warning;
}

} // namespace

Result<std::unique_ptr<CertificateWatch>, QString>
CertificateWatch::open(const Settings &settings, Metrics &metrics, const Clock &clock)
{
    // Before they are read, so that no change after this goes unseen.
    const Fingerprints files = fingerprints(settings.tls);
    auto loaded = loadCertificate(settings.tls);
    if (!loaded)
        return Unexpected(loaded.error());
    // serve has warned of it.
    metrics.set(Metric::CertificateExpiry, loaded->expiry().time_since_epoch().count());
    return std::unique_ptr<CertificateWatch>(
        new CertificateWatch(settings, metrics, clock, std::move(*loaded), files));
}

CertificateWatch::CertificateWatch(const Settings &settings, Metrics &metrics, const Clock &clock,
                                   TlsContext context, const Fingerprints &files)
    : m_settings(settings), m_metrics(metrics), m_clock(clock), m_tls(std::move(context)),
      m_read(files), m_seen(files)
{
    connect(&m_looking, &QTimer::timeout, this, &CertificateWatch::look);
    connect(&m_daily, &QTimer::timeout, this, &CertificateWatch::exchange);
    m_looking.start(LookInterval);
    m_daily.start(Daily);
}

CertificateWatch::Fingerprints CertificateWatch::fingerprints(const Settings::Tls &tls)
{
    const auto of = [](const QString &path) {
        struct stat status
        {
        };
        if (::stat(QFile::encodeName(path).constData(), &status) != 0)
            return Fingerprint {};
        return Fingerprint { { static_cast<std::int64_t>(status.st_dev),
                               static_cast<std::int64_t>(status.st_ino), status.st_size,
                               nanoseconds(status.st_mtim), nanoseconds(status.st_ctim), 1 } };
    };
    return { of(tls.certificate), of(tls.key) };
}

/// What changed is read when it has stood still from one look to the next: the two files do not
/// change at the same instant.
void CertificateWatch::look()
{
    const Fingerprints now = fingerprints(m_settings.tls);
    if (now != m_read && now == m_seen)
        exchange();
    m_seen = now;
}

void CertificateWatch::reload()
{
    exchange();
}

void CertificateWatch::exchange()
{
    m_read = m_seen = fingerprints(m_settings.tls);
    auto loaded = loadCertificate(m_settings.tls);
    if (!loaded) {
        m_metrics.add(Metric::CertificateReloadsFailed);
        qCWarning(lcApp).noquote()
            << "the new certificate has a fault, and the old one stays in use:" << loaded.error();
        return;
    }
    m_metrics.set(Metric::CertificateExpiry, loaded->expiry().time_since_epoch().count());
    announce(*loaded, m_settings, m_clock);
    m_tls.use(std::move(*loaded));
}

} // namespace Carillon
