// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QString>

#include <chrono>
#include <memory>

#include <openssl/x509.h>

namespace Carillon::Testing {

/// Certificates for the tests, made when they run: an authority of its own for each object.
/// Owns: the authority's key. Thread: one.
class TestAuthority
{
public:
    struct Wanted
    {
        /// As a subjectAltName says it.
        QByteArray names = "DNS:localhost,IP:127.0.0.1";
        std::chrono::seconds validFor = std::chrono::hours(24 * 30);
        QByteArray password = {}; ///< of the key; empty: none
    };
    /// In PEM form.
    struct Pair
    {
        QByteArray certificate;
        QByteArray key;
    };

    TestAuthority();
    ~TestAuthority();
    TestAuthority(const TestAuthority &) = delete;
    TestAuthority &operator=(const TestAuthority &) = delete;

    /// The authority's own certificate as PEM.
    [[nodiscard]] QByteArray certificate() const;
    [[nodiscard]] Pair issue() const { return issue(Wanted()); }
    [[nodiscard]] Pair issue(const Wanted &wanted) const;

private:
    X509 *m_certificate;
    EVP_PKEY *m_key;
};

/// The DER form of the first certificate in a PEM text.
[[nodiscard]] QByteArray derOf(const QByteArray &pem);
/// Writes a file whole, by renaming, as careful programs do; ends the process where that fails.
void writeFile(const QString &path, const QByteArray &content);

} // namespace Carillon::Testing
