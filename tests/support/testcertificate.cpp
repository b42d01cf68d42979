// SPDX-License-Identifier: MPL-2.0
#include "tests/support/testcertificate.h"

#include <QSaveFile>

#include <atomic>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace Carillon::Testing {

namespace {

void require(bool ok)
{
    if (!ok)
        qFatal("OpenSSL cannot make the test's certificates");
}

EVP_PKEY *makeKey()
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    require(key);
    return key;
}

void addExtension(X509 *certificate, int name, const QByteArray &value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, nullptr, name, value.constData());
    require(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/// A certificate without signature; names itself as its issuer.
X509 *makeCertificate(EVP_PKEY *key, const char *name, std::chrono::seconds validFor)
{
    static std::atomic<int> serial = 1;
    X509 *made = X509_new();
    require(made && X509_set_version(made, 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(made), serial++);
    // A day before now, as clocks differ; before its end even when that is past.
    X509_gmtime_adj(X509_getm_notBefore(made), -86'400 + std::min<long>(0, validFor.count()));
    X509_gmtime_adj(X509_getm_notAfter(made), validFor.count());
    X509_set_pubkey(made, key);
    X509_NAME *subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char *>(name), -1, -1, 0);
    X509_set_issuer_name(made, subject);
    return made;
}

template<typename Write> QByteArray toPem(const Write &write)
{
    BIO *memory = BIO_new(BIO_s_mem());
    require(write(memory) == 1);
    char *text = nullptr;
    const long length = BIO_get_mem_data(memory, &text);
    const QByteArray pem(text, length);
    BIO_free(memory);
    return pem;
}

} // namespace

TestAuthority::TestAuthority() : m_certificate(nullptr), m_key(makeKey())
{
    m_certificate = makeCertificate(m_key, "Carillon's tests", std::chrono::hours(24 * 365));
    addExtension(m_certificate, NID_basic_constraints, "critical,CA:TRUE");
    addExtension(m_certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    require(X509_sign(m_certificate, m_key, EVP_sha256()) > 0);
}

TestAuthority::~TestAuthority()
{
    X509_free(m_certificate);
    EVP_PKEY_free(m_key);
}

QByteArray TestAuthority::certificate() const
{
    return toPem([this](BIO *to) { return PEM_write_bio_X509(to, m_certificate); });
}

TestAuthority::Pair TestAuthority::issue(const Wanted &wanted) const
{
    EVP_PKEY *key = makeKey();
    X509 *made = makeCertificate(key, "a test's server", wanted.validFor);
    X509_set_issuer_name(made, X509_get_subject_name(m_certificate));
    addExtension(made, NID_subject_alt_name, wanted.names);
    require(X509_sign(made, m_key, EVP_sha256()) > 0);
    const QByteArray password = wanted.password;
    const Pair pair {
        toPem([made](BIO *to) { return PEM_write_bio_X509(to, made); }),
        toPem([key, &password](BIO *to) {
            return PEM_write_bio_PKCS8PrivateKey(
                to, key, password.isEmpty() ? nullptr : EVP_aes_128_cbc(), password.constData(),
                static_cast<int>(password.size()), nullptr, nullptr);
        }),
    };
    X509_free(made);
    EVP_PKEY_free(key);
    return pair;
}

QByteArray derOf(const QByteArray &pem)
{
    BIO *memory = BIO_new_mem_buf(pem.constData(), static_cast<int>(pem.size()));
    X509 *certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
    unsigned char *bytes = nullptr;
    const int length = certificate ? i2d_X509(certificate, &bytes) : 0;
    QByteArray der(reinterpret_cast<const char *>(bytes), std::max(length, 0));
    OPENSSL_free(bytes);
    X509_free(certificate);
    BIO_free(memory);
    return der;
}

void writeFile(const QString &path, const QByteArray &content)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit())
        qFatal("the test's directory is not writable");
}

} // namespace Carillon::Testing
