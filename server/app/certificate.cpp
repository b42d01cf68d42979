// SPDX-License-Identifier: MPL-2.0
#include "server/app/certificate.h"

#include "server/settings/setting.h"
#include "server/settings/topology.h"

#include <QDateTime>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// certbot renews 30 days before the end; who sees this has a renewal that does not work.
constexpr std::chrono::days SoonExpired { 14 };

} // namespace

Result<TlsContext, QString> loadCertificate(const Settings::Tls &tls)
{
    auto loaded = TlsContext::load(tls.certificate, tls.key);
    if (loaded)
        return std::move(*loaded);
    const TlsFault &fault = loaded.error();
    const QString name = fault.in == TlsFault::In::Key ? u"tls.key"_s : u"tls.certificate"_s;
    return Unexpected(complaint(name, { fault.fault, fault.remedy }));
}

QStringList certificateWarnings(const TlsContext &certificate, const Settings &settings,
                                WallTime now)
{
    QStringList warnings;
    const QString name = u"tls.certificate"_s;
    const WallTime expiry = certificate.expiry();
    if (expiry <= now)
        warnings << complaint(name,
                              { u"the certificate expired on "_s + dateText(expiry),
                                u"clients will refuse it; renew it"_s });
    else if (expiry - now < SoonExpired)
        warnings << complaint(name,
                              { u"the certificate expires on "_s + dateText(expiry),
                                u"renew it, or check why it was not renewed automatically"_s });
    const QString host = QUrl(QString::fromLatin1(settings.endpoint.url)).host(QUrl::FullyEncoded);
    if (speaksTls(settings, ListenerName::Endpoint) && Topology(settings).takesPushes()
        && !host.isEmpty() && !certificate.covers(host))
        warnings << complaint(name,
                              { u"the certificate does not name "_s + host,
                                u"get a certificate that does, or set endpoint.url to a name in "
                                "the certificate"_s });
    return warnings;
}

QString dateText(WallTime time)
{
    return QDateTime::fromSecsSinceEpoch(toSeconds(time), Qt::UTC)
        .toString(u"yyyy-MM-dd HH:mm 'UTC'"_s);
}

} // namespace Carillon
