// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/dev/devcertificate.h"
#include "server/net/tls/tlscontext.h"
#include "server/settings/settings.h"

namespace Carillon {

/// The certificate authority of `serve --dev`, for senders that speak only TLS. It is made once and
/// kept in the state directory, so that senders can be told to trust it once: dev-ca.pem holds the
/// certificate, dev-ca-key.pem (mode 0600) the key and the certificate.
/// Owns: its key. Thread: any.
class DevAuthority
{
public:
    /// Reads it; makes it where there is none, or where it ends soon. Processes that start at the
    /// same time agree on one. The error is a sentence for the operator.
    [[nodiscard]] static Result<DevAuthority, QString> open(const QString &directory, WallTime now);

    /// The file that senders are to trust.
    [[nodiscard]] static QString certificateFile(const QString &directory);
    /// Whether open() made it.
    [[nodiscard]] bool isNew() const { return m_isNew; }
    /// A fresh certificate for localhost and these addresses.
    [[nodiscard]] TlsContext issue(const Addresses &addresses, WallTime now) const;

private:
    DevAuthority(KeyPointer key, Certificate certificate, bool isNew)
        : m_key(std::move(key)), m_certificate(std::move(certificate)), m_isNew(isNew)
    {
    }
    [[nodiscard]] static Result<DevAuthority, QString> read(const QString &path);

    KeyPointer m_key;
    Certificate m_certificate;
    bool m_isNew;
};

} // namespace Carillon
