// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/clientmessage.h"

#include <simdjson.h>

#include <limits>
#include <string_view>

namespace Carillon {
namespace {

using simdjson::dom::element;

QByteArrayView view(std::string_view text)
{
    return { text.data(), static_cast<qsizetype>(text.size()) };
}

/// The members that any verb reads, each at most once; undefined where absent or null.
struct Members
{
    std::optional<element> messageType;
    std::optional<element> uaid;
    std::optional<element> useWebPush;
    std::optional<element> broadcasts;
    std::optional<element> urgency;
    std::optional<element> channelId;
    std::optional<element> key;
    std::optional<element> code;
    std::optional<element> updates;
    std::optional<element> version;

    [[nodiscard]] std::optional<element> *slot(std::string_view name)
    {
        if (name == "messageType")
            return &messageType;
        if (name == "channelID")
            return &channelId;
        if (name == "version")
            return &version;
        if (name == "code")
            return &code;
        if (name == "updates")
            return &updates;
        if (name == "uaid")
            return &uaid;
        if (name == "use_webpush")
            return &useWebPush;
        if (name == "broadcasts")
            return &broadcasts;
        if (name == "urgency")
            return &urgency;
        if (name == "key")
            return &key;
        return nullptr;
    }
};

/// False: a member was there twice, so that two readers could understand two things.
bool collect(simdjson::dom::object object, Members &members)
{
    for (const auto [name, value] : object) {
        std::optional<element> *slot = members.slot(name);
        if (!slot)
            continue;
        if (*slot)
            return false;
        *slot = value;
    }
    return true;
}

bool isAbsent(const std::optional<element> &value)
{
    return !value || value->is_null();
}

/// A string, or nothing if it is absent or of another type.
std::optional<QByteArrayView> text(const std::optional<element> &value)
{
    std::string_view string;
    if (!value || value->get_string().get(string) != simdjson::SUCCESS)
        return std::nullopt;
    return view(string);
}

/// The integer of an optional member, 0 if it is absent; nothing if it is none or out of range.
std::optional<int> codeOf(const Members &members)
{
    if (isAbsent(members.code))
        return 0;
    std::int64_t code = 0;
    if (members.code->get_int64().get(code) != simdjson::SUCCESS
        || code < std::numeric_limits<int>::min() || code > std::numeric_limits<int>::max())
        return std::nullopt;
    return static_cast<int>(code);
}

std::optional<std::vector<Broadcast>> broadcastsOf(const element &value)
{
    simdjson::dom::object map;
    if (value.get_object().get(map) != simdjson::SUCCESS)
        return std::nullopt;
    std::vector<Broadcast> broadcasts;
    for (const auto [id, version] : map) {
        const auto versionText = text(version);
        if (!versionText)
            return std::nullopt;
        broadcasts.push_back({ view(id).toByteArray(), versionText->toByteArray() });
    }
    return broadcasts;
}

std::optional<ClientMessage> readHello(const Members &members)
{
    Hello hello;
    if (!isAbsent(members.uaid)) {
        const auto uaid = text(members.uaid);
        if (!uaid)
            return std::nullopt;
        hello.uaid = uaid->toByteArray();
    }
    if (!isAbsent(members.useWebPush) && !members.useWebPush->is_bool())
        return std::nullopt;
    if (!isAbsent(members.broadcasts)) {
        auto broadcasts = broadcastsOf(*members.broadcasts);
        if (!broadcasts)
            return std::nullopt;
        hello.broadcasts = std::move(*broadcasts);
    }
    if (!isAbsent(members.urgency)) {
        const auto name = text(members.urgency);
        hello.urgency = name ? parseUrgency(*name) : std::nullopt;
        if (!hello.urgency)
            return std::nullopt;
    }
    return hello;
}

std::optional<ClientMessage> readRegister(const Members &members)
{
    const auto channelText = text(members.channelId);
    const auto channelId = channelText ? parseDashedChannelId(*channelText) : std::nullopt;
    if (!channelId)
        return std::nullopt;
    Register message { *channelId, std::nullopt };
    if (!isAbsent(members.key)) {
        const auto key = text(members.key);
        if (!key)
            return std::nullopt;
        message.key = key->toByteArray();
    }
    return message;
}

std::optional<ClientMessage> readUnregister(const Members &members)
{
    const auto channelText = text(members.channelId);
    const auto channelId = channelText ? parseChannelId(*channelText) : std::nullopt;
    const auto code = codeOf(members);
    if (!channelId || !code)
        return std::nullopt;
    return Unregister { *channelId, *code };
}

std::optional<AckUpdate> readUpdate(const element &value)
{
    simdjson::dom::object object;
    Members members;
    if (value.get_object().get(object) != simdjson::SUCCESS || !collect(object, members))
        return std::nullopt;
    const auto channelText = text(members.channelId);
    const auto channelId = channelText ? parseChannelId(*channelText) : std::nullopt;
    const auto version = text(members.version);
    const auto code = codeOf(members);
    if (!channelId || !version || !code)
        return std::nullopt;
    return AckUpdate { *channelId, version->toByteArray(), *code };
}

std::optional<ClientMessage> readAck(const Members &members)
{
    simdjson::dom::array updates;
    if (!members.updates || members.updates->get_array().get(updates) != simdjson::SUCCESS)
        return std::nullopt;
    Ack ack;
    ack.updates.reserve(updates.size());
    for (const element value : updates) {
        auto update = readUpdate(value);
        if (!update)
            return std::nullopt;
        ack.updates.push_back(std::move(*update));
    }
    return ack;
}

std::optional<ClientMessage> readNack(const Members &members)
{
    const auto version = text(members.version);
    const auto code = codeOf(members);
    if (!version || !code)
        return std::nullopt;
    return Nack { version->toByteArray(), *code };
}

std::optional<ClientMessage> readBroadcastSubscribe(const Members &members)
{
    if (!members.broadcasts)
        return std::nullopt;
    auto broadcasts = broadcastsOf(*members.broadcasts);
    if (!broadcasts)
        return std::nullopt;
    return BroadcastSubscribe { std::move(*broadcasts) };
}

std::optional<ClientMessage> readVerb(QByteArrayView verb, const Members &members)
{
    if (verb == "hello")
        return readHello(members);
    if (verb == "register")
        return readRegister(members);
    if (verb == "unregister")
        return readUnregister(members);
    if (verb == "ack")
        return readAck(members);
    if (verb == "nack")
        return readNack(members);
    if (verb == "ping")
        return Ping {};
    if (verb == "broadcast_subscribe")
        return readBroadcastSubscribe(members);
    return std::nullopt;
}

} // namespace

ClientMessageReader::ClientMessageReader()
    : m_parser(std::make_unique<simdjson::dom::parser>(MaxBytes))
{
    // The only way to set the depth. If memory is short the parser tries again when it reads.
    [[maybe_unused]] const auto error = m_parser->allocate(1024, MaxDepth);
}

ClientMessageReader::~ClientMessageReader() = default;

Result<ClientMessage> ClientMessageReader::read(QByteArrayView json)
{
    if (json.isEmpty()) // the parser would copy from a null pointer
        return Unexpected(ErrorCode::InvalidMessage);
    // The parser copies into a padded buffer that it keeps, and judges UTF-8 itself.
    simdjson::dom::object object;
    if (m_parser->parse(json.data(), static_cast<std::size_t>(json.size()), true)
            .get_object()
            .get(object)
        != simdjson::SUCCESS)
        return Unexpected(ErrorCode::InvalidMessage);

    if (object.begin() == object.end())
        return ClientMessage(Ping {});
    Members members;
    if (!collect(object, members))
        return Unexpected(ErrorCode::InvalidMessage);
    const auto verb = text(members.messageType);
    auto message = verb ? readVerb(*verb, members) : std::nullopt;
    if (!message)
        return Unexpected(ErrorCode::InvalidMessage);
    return std::move(*message);
}

} // namespace Carillon
