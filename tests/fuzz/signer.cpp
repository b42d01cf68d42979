// SPDX-License-Identifier: MPL-2.0
#include "tests/fuzz/signer.h"

#include "core/crypto/digest.h"
#include "tests/fuzz/fuzz.h"

namespace Carillon::Fuzz {
namespace {

bool isSame(const Verdict &a, const Verdict &b)
{
    if (!a || !b)
        return !a && !b && a.error() == b.error();
    return a->publicKey == b->publicKey && a->keyHash == b->keyHash && a->subject == b->subject
        && a->subjectOdd == b->subjectOdd;
}

} // namespace

EVP_PKEY *signerKey()
{
    static const KeyPointer key = p256PrivateKey(QByteArray(31, '\0') + '\x2a');
    return key.get();
}

const QByteArray &signerPoint()
{
    static const QByteArray point = p256Point(signerKey());
    return point;
}

Verdict judged(const VapidHeader &header)
{
    static const ManualClock clock(fromSeconds(Now));
    static VapidVerifier used(Audience, clock, 16);
    VapidVerifier fresh(Audience, clock, 16);
    const Verdict verdict = used.verify(header);
    require(isSame(used.verify(header), verdict), "a verdict stands when it is asked for again");
    require(isSame(fresh.verify(header), verdict), "a verdict does not depend on those before");
    if (verdict) {
        require(verdict->publicKey == signerPoint(), "only what our sender signed passes");
        require(verdict->keyHash == sha256(signerPoint()), "the key's hash is its hash");
    }
    return verdict;
}

} // namespace Carillon::Fuzz
