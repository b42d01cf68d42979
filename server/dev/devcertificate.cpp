// SPDX-License-Identifier: MPL-2.0
#include "server/dev/devcertificate.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace Carillon {

namespace {

using namespace std::chrono_literals;

constexpr auto AuthorityLife = std::chrono::days(3'650);
constexpr auto CertificateLife = std::chrono::days(90);
/// The clocks of virtual machines and of boards without a battery are wrong at times, and the
/// authority should be good for a machine whose clock was ahead when it was made.
constexpr auto Backdated = std::chrono::days(365);

using AsnTime = OpenSslPtr<ASN1_TIME, ASN1_TIME_free>;
using Memory = OpenSslPtr<BIO, BIO_free>;

AsnTime toAsn(WallTime time)
{
    AsnTime made(ASN1_TIME_set(nullptr, toSeconds(time)));
    requireOpenSsl(made != nullptr);
    return made;
}

/// Names itself as its issuer, and is not signed yet.
Certificate unsignedCertificate(EVP_PKEY *key, const char *name, WallTime from, WallTime until)
{
    constexpr int Version3 = 2;
    Certificate made(X509_new());
    requireOpenSsl(made && X509_set_version(made.get(), Version3) == 1);
    // At most 20 bytes and positive.
    const BigNumber serial(BN_new());
    requireOpenSsl(serial && BN_rand(serial.get(), 159, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
                   && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(made.get()))
                       != nullptr);
    requireOpenSsl(X509_set1_notBefore(made.get(), toAsn(from).get()) == 1
                   && X509_set1_notAfter(made.get(), toAsn(until).get()) == 1
                   && X509_set_pubkey(made.get(), key) == 1);
    X509_NAME *subject = X509_get_subject_name(made.get());
    requireOpenSsl(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                              reinterpret_cast<const unsigned char *>(name), -1, -1,
                                              0)
                       == 1
                   && X509_set_issuer_name(made.get(), subject) == 1);
    return made;
}

/// value: as in the configuration files of OpenSSL (x509v3_config(5)).
void addExtension(X509 *certificate, X509 *issuer, int name, const QByteArray &value)
{
    X509V3_CTX context {};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const OpenSslPtr<X509_EXTENSION, X509_EXTENSION_free> made(
        X509V3_EXT_conf_nid(nullptr, &context, name, value.constData()));
    requireOpenSsl(made && X509_add_ext(certificate, made.get(), -1) == 1);
}

void sign(X509 *certificate, EVP_PKEY *key)
{
    requireOpenSsl(X509_sign(certificate, key, sha256Algorithm()) > 0);
}

} // namespace

Certificate makeDevAuthority(EVP_PKEY *key, WallTime now)
{
    Certificate made =
        unsignedCertificate(key, "Carillon development CA", now - Backdated, now + AuthorityLife);
    X509 *self = made.get();
    addExtension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    addExtension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
    addExtension(self, self, NID_ext_key_usage, "serverAuth");
    addExtension(self, self, NID_name_constraints,
                 "critical,permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0,"
                 "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    addExtension(self, self, NID_subject_key_identifier, "hash");
    sign(self, key);
    return made;
}

Certificate makeDevCertificate(EVP_PKEY *key, const QByteArrayList &addresses, X509 *authority,
                               EVP_PKEY *authorityKey, WallTime now)
{
    Certificate made = unsignedCertificate(key, "localhost", now - Backdated,
                                           std::min(now + CertificateLife, expiryOf(authority)));
    requireOpenSsl(X509_set_issuer_name(made.get(), X509_get_subject_name(authority)) == 1);
    QByteArray names = "DNS:localhost";
    for (const QByteArray &address : addresses)
        names += ",IP:" + address;
    addExtension(made.get(), authority, NID_basic_constraints, "critical,CA:FALSE");
    addExtension(made.get(), authority, NID_key_usage, "critical,digitalSignature");
    addExtension(made.get(), authority, NID_ext_key_usage, "serverAuth");
    addExtension(made.get(), authority, NID_subject_alt_name, names);
    addExtension(made.get(), authority, NID_subject_key_identifier, "hash");
    addExtension(made.get(), authority, NID_authority_key_identifier, "keyid:always");
    sign(made.get(), authorityKey);
    return made;
}

QByteArray toPem(X509 *certificate)
{
    const Memory memory(BIO_new(BIO_s_mem()));
    requireOpenSsl(memory && PEM_write_bio_X509(memory.get(), certificate) == 1);
    char *text = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &text);
    return { text, length };
}

Certificate certificateFromPem(const QByteArray &pem)
{
    const Memory memory(BIO_new_mem_buf(pem.constData(), static_cast<int>(pem.size())));
    requireOpenSsl(memory != nullptr);
    Certificate read(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return read;
}

} // namespace Carillon
