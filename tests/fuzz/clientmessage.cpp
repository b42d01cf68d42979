// SPDX-License-Identifier: MPL-2.0
// What clients say, read by ClientMessageReader: beside Qt's JSON, which must see the same in all
// that we take, and written again.
#include "core/protocol/clientmessage.h"
#include "core/protocol/jsontext.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/utf8oracle.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <map>

namespace Carillon::Fuzz {
namespace {

using namespace Qt::StringLiterals;

/// By id; of one that is repeated the later version counts.
std::map<QByteArray, QByteArray> mapOf(const std::vector<Broadcast> &broadcasts)
{
    std::map<QByteArray, QByteArray> map;
    for (const Broadcast &broadcast : broadcasts)
        map[broadcast.id] = broadcast.version;
    return map;
}

std::map<QByteArray, QByteArray> mapOf(const QJsonValue &value)
{
    std::map<QByteArray, QByteArray> map;
    const QJsonObject object = value.toObject();
    for (auto entry = object.begin(); entry != object.end(); ++entry) {
        require(entry.value().isString(), "a broadcast's version is a text");
        map[entry.key().toUtf8()] = entry.value().toString().toUtf8();
    }
    return map;
}

/// Qt's view of a message that we took, compared with ours.
class Seen
{
public:
    explicit Seen(const QJsonObject &object) : m_object(object) { }

    void operator()(const Hello &message) const
    {
        isVerb("hello"_L1);
        require(text("uaid"_L1) == message.uaid, "the uaid is the same");
        require(mapOf(m_object["broadcasts"_L1]) == mapOf(message.broadcasts),
                "the broadcasts are the same");
        const QByteArray urgency = text("urgency"_L1);
        require(urgency.isEmpty() ? !message.urgency : parseUrgency(urgency) == message.urgency,
                "the urgency is the same");
    }
    void operator()(const Register &message) const
    {
        isVerb("register"_L1);
        require(text("channelID"_L1) == toDashed(message.channelId), "the channel is the same");
        require(text("key"_L1) == message.key.value_or(QByteArray()), "the key is the same");
    }
    void operator()(const Unregister &message) const
    {
        isVerb("unregister"_L1);
        hasChannel(message.channelId);
        hasCode(message.code);
    }
    void operator()(const Ack &message) const
    {
        isVerb("ack"_L1);
        const QJsonArray updates = m_object["updates"_L1].toArray();
        require(updates.size() == std::ssize(message.updates), "all updates are seen");
        for (qsizetype i = 0; i < updates.size(); ++i) {
            const AckUpdate &update = message.updates[static_cast<std::size_t>(i)];
            const Seen seen(updates[i].toObject());
            seen.hasChannel(update.channelId);
            seen.hasCode(update.code);
            require(seen.text("version"_L1) == update.version, "an update's version is the same");
        }
    }
    void operator()(const Nack &message) const
    {
        isVerb("nack"_L1);
        hasCode(message.code);
        require(text("version"_L1) == message.version, "a nack's version is the same");
    }
    void operator()(const Ping &) const
    {
        if (!m_object.isEmpty())
            isVerb("ping"_L1);
    }
    void operator()(const BroadcastSubscribe &message) const
    {
        isVerb("broadcast_subscribe"_L1);
        require(mapOf(m_object["broadcasts"_L1]) == mapOf(message.broadcasts),
                "the broadcasts are the same");
    }

private:
    [[nodiscard]] QByteArray text(QLatin1StringView name) const
    {
        const QJsonValue value = m_object[name];
        require(value.isString() || value.isNull() || value.isUndefined(), "a text is a text");
        return value.toString().toUtf8();
    }
    void isVerb(QLatin1StringView verb) const
    {
        require(m_object["messageType"_L1].toString() == verb, "the verb is the same");
    }
    void hasChannel(const ChannelId &id) const
    {
        require(parseChannelId(text("channelID"_L1)) == id, "the channel is the same");
    }
    void hasCode(int code) const
    {
        require(m_object["code"_L1].toInteger() == code, "the code is the same");
    }

    QJsonObject m_object;
};

QByteArray quoted(QByteArrayView text)
{
    QByteArray json;
    appendJsonString(json, text);
    return json;
}

QByteArray written(const std::vector<Broadcast> &broadcasts)
{
    QByteArrayList members;
    for (const Broadcast &broadcast : broadcasts)
        members << quoted(broadcast.id) + ':' + quoted(broadcast.version);
    return "\"broadcasts\":{" + members.join(',') + '}';
}

QByteArray written(const AckUpdate &update)
{
    return "{\"channelID\":" + quoted(toDashed(update.channelId)) + ",\"version\":"
        + quoted(update.version) + ",\"code\":" + QByteArray::number(update.code) + '}';
}

/// Writes a message as a client does.
struct Writer
{
    QByteArray operator()(const Hello &message) const
    {
        QByteArray json = R"({"messageType":"hello","use_webpush":true,"uaid":)"
            + quoted(message.uaid) + ',' + written(message.broadcasts);
        if (message.urgency)
            json += ",\"urgency\":" + quoted(urgencyName(*message.urgency));
        return json + '}';
    }
    QByteArray operator()(const Register &message) const
    {
        QByteArray json =
            R"({"messageType":"register","channelID":)" + quoted(toDashed(message.channelId));
        if (message.key)
            json += ",\"key\":" + quoted(*message.key);
        return json + '}';
    }
    QByteArray operator()(const Unregister &message) const
    {
        return R"({"messageType":"unregister","channelID":)" + quoted(toDashed(message.channelId))
            + ",\"code\":" + QByteArray::number(message.code) + '}';
    }
    QByteArray operator()(const Ack &message) const
    {
        QByteArrayList updates;
        for (const AckUpdate &update : message.updates)
            updates << written(update);
        return R"({"messageType":"ack","updates":[)" + updates.join(',') + "]}";
    }
    QByteArray operator()(const Nack &message) const
    {
        return R"({"messageType":"nack","version":)" + quoted(message.version)
            + ",\"code\":" + QByteArray::number(message.code) + '}';
    }
    QByteArray operator()(const Ping &) const { return R"({"messageType":"ping"})"; }
    QByteArray operator()(const BroadcastSubscribe &message) const
    {
        return R"({"messageType":"broadcast_subscribe",)" + written(message.broadcasts) + '}';
    }
};

} // namespace

void check(QByteArrayView input)
{
    static ClientMessageReader used; // as a worker's, which has read all sorts of things
    ClientMessageReader fresh;
    const auto message = used.read(input);
    const auto again = fresh.read(input);
    require(message.has_value() == again.has_value() && (!message || *message == *again),
            "a message does not depend on those before it");
    if (!message)
        return;

    require(isUtf8(input), "what is no UTF-8 is no message");
    const QJsonDocument document = QJsonDocument::fromJson(input.toByteArray());
    require(document.isObject(), "what we take is JSON for Qt");
    std::visit(Seen(document.object()), *message);

    const auto reread = used.read(std::visit(Writer(), *message));
    require(reread && *reread == *message, "a message that is written again is the same");
}

} // namespace Carillon::Fuzz
