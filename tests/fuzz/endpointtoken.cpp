// SPDX-License-Identifier: MPL-2.0
// Tokens of endpoint URLs: the input as a token, and as what a token says.
#include "core/message/endpointtoken.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keyring.h"

namespace Carillon::Fuzz {
namespace {

constexpr WallTime Now = WallTime(std::chrono::seconds(1'700'000'000));

/// What these bytes would say: two ids, and a key's hash if there are more.
EndpointToken tokenOf(QByteArrayView input)
{
    QByteArray bytes = input.toByteArray();
    bytes.resize(input.size() > 32 ? 64 : 32, '\0');
    return { Uaid::fromRaw(QByteArrayView(bytes).first(16)),
             ChannelId::fromRaw(QByteArrayView(bytes).sliced(16, 16)), bytes.mid(32) };
}

void checkAsToken(QByteArrayView input)
{
    static const EndpointTokens tokens { keyring() };
    const auto opened = openSealed(input);
    const auto plain = tokens.open(input);
    require(plain.has_value() == opened.has_value() && (!plain || *plain == opened->plain),
            "a token opens as its Fernet does");
    if (!plain)
        return;
    const auto first = EndpointTokens::parse(ApiVersion::V1, *plain);
    const auto second = EndpointTokens::parse(ApiVersion::V2, *plain);
    require(!first || !second, "a token is of one version");
    if (!first && !second)
        return;
    const EndpointToken &token = first ? *first : *second;
    const auto again =
        EndpointTokens::parse(token.version(), *tokens.open(tokens.make(token, Now)));
    require(again && *again == token, "a token that is made again says the same");
}

void checkAsContent(QByteArrayView input)
{
    static const EndpointTokens tokens { keyring() };
    static const EndpointTokens oldTokens { oldKeyring() };
    const EndpointToken token = tokenOf(input);
    const ApiVersion other = token.version() == ApiVersion::V1 ? ApiVersion::V2 : ApiVersion::V1;
    for (const EndpointTokens *maker : { &tokens, &oldTokens }) {
        const QByteArray text = maker->make(token, Now);
        const auto plain = tokens.open(text);
        require(plain.has_value(), "what we made opens");
        const auto parsed = EndpointTokens::parse(token.version(), *plain);
        require(parsed && *parsed == token, "and says what it was made of");
        require(!EndpointTokens::parse(other, *plain), "but not in another version");
        require(maker == &oldTokens || !oldTokens.open(text), "and not without its key");
        Dice dice(input);
        requireNoneBeside(text, dice.below(1'000), static_cast<char>(dice.below(256)));
    }
}

} // namespace

void check(QByteArrayView input)
{
    checkAsToken(input);
    checkAsContent(input);
}

} // namespace Carillon::Fuzz
