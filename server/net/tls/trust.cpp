// SPDX-License-Identifier: MPL-2.0
#include "server/net/tls/trust.h"

#include <QSslCertificate>
#include <QSslConfiguration>

namespace Carillon {

Result<void, QString> trustAlso(const QString &caFile)
{
    const QList<QSslCertificate> added = QSslCertificate::fromPath(caFile);
    if (added.isEmpty())
        return Unexpected(
            QStringLiteral("%1 cannot be read, or contains no PEM certificate").arg(caFile));
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    // Named, because a list of one's own ends Qt's habit of looking the system's up when needed.
    configuration.setCaCertificates(QSslConfiguration::systemCaCertificates() + added);
    QSslConfiguration::setDefaultConfiguration(configuration);
    return {};
}

} // namespace Carillon
