// SPDX-License-Identifier: MPL-2.0
#include "tests/soak/subscriber.h"

#include "tests/bench/ledger.h"

#include <cstdio>
#include <utility>

namespace Carillon::Soak {

using namespace std::chrono_literals;

namespace {

constexpr int MostChannels = 3;
constexpr int MostStay = 4'000; // ms

std::uint32_t nextConnection()
{
    static std::uint32_t last = 0;
    return ++last;
}

/// A UUID that no other has.
std::string nextChannel()
{
    static int last = 0;
    std::array<char, 37> text {};
    std::snprintf(text.data(), text.size(), "50a50000-0000-4000-8000-%012x", ++last);
    return text.data();
}

/// What no client may send once it is greeted, as it goes on the wire; all masked with zeros.
const std::string_view Offences[] {
    { "\x81\x02hi", 4 }, // no mask
    { "\xc1\x80\0\0\0\0", 6 }, // RSV1
    { "\x83\x80\0\0\0\0", 6 }, // a reserved opcode
    { "\x82\x81\0\0\0\0x", 7 }, // a binary message
    { "\x80\x80\0\0\0\0", 6 }, // a continuation of nothing
    { "\x81\x82\0\0\0\0\xc3\x28", 8 }, // no UTF-8
    { "\x81\xff\0\0\0\0\x7f\xff\xff\xff\0\0\0\0", 14 }, // 2 GB
    { "\x88\x81\0\0\0\0x", 7 }, // a Close of one byte
    { "\x81\x83\0\0\0\0{,}", 9 }, // no JSON
    { "\x81\x84\0\0\0\0null", 10 }, // no object
    { "\x81\x97\0\0\0\0{\"messageType\":\"hello!\"}", 30 }, // no such type
};

} // namespace

Subscriber::Subscriber(Scene &scene, int number, int mostAway)
    : WebSocketClient(scene.loop), m_scene(scene), m_number(number), m_mostAway(mostAway),
      m_wanted(scene.agenda.between(1, MostChannels))
{
}

void Subscriber::later(std::chrono::milliseconds delay, void (Subscriber::*what)())
{
    m_scene.agenda.after(delay, [this, what, connection = m_connection] {
        if (connection == m_connection && m_isLive)
            (this->*what)();
    });
}

void Subscriber::visit()
{
    m_connection = nextConnection();
    m_isLive = m_isOffending = false;
    m_acks.clear();
    m_acked.clear();
    m_sent.clear();
    m_settling.clear();
    m_barrier.clear();
    setReading(true);
    if (!open({ m_scene.connectPort, m_number, 8'192 }))
        m_scene.book.complain("a client cannot connect");
}

void Subscriber::upgraded()
{
    std::string hello = R"({"messageType":"hello","use_webpush":true,"broadcasts":{")";
    hello += m_scene.broadcast + R"(":"v0"})";
    if (!m_uaid.empty())
        hello += R"(,"uaid":")" + m_uaid + '"';
    sendText(hello + '}');
}

void Subscriber::text(std::string_view message)
{
    const std::string_view type = Bench::field(message, "messageType");
    if (type == "notification") {
        notified(message);
    } else if (type == "hello") {
        ++m_scene.book.counts.hellos;
        const std::string_view uaid = Bench::field(message, "uaid");
        if (!m_uaid.empty() && uaid != m_uaid && !m_channels.empty())
            m_scene.book.complain("hello was answered with another UAID");
        m_uaid = uaid;
        registerNext();
    } else if (type == "register") {
        registered(message);
    } else if (type == "unregister") {
        unregistered(message);
    } else if (type == "broadcast") {
        ++m_scene.book.counts.broadcasts;
    } else {
        m_scene.book.complain("a message of an unknown type");
    }
}

void Subscriber::registerNext()
{
    if (std::ssize(m_channels) >= m_wanted) {
        goLive();
        return;
    }
    Channel channel;
    channel.client = m_number;
    channel.id = nextChannel();
    channel.needsKey = m_scene.agenda.happens(0.5);
    std::string text = R"({"messageType":"register","channelID":")" + channel.id + '"';
    if (channel.needsKey)
        text += R"(,"key":")" + m_scene.key + '"';
    m_channels.push_back(static_cast<int>(m_scene.book.channels.size()));
    m_scene.book.channels.push_back(std::move(channel));
    sendText(text + '}');
}

void Subscriber::registered(std::string_view answer)
{
    ++m_scene.book.counts.registers;
    const std::string_view url = Bench::field(answer, "pushEndpoint");
    const std::size_t path = url.find("/wpush/");
    Channel &channel = m_scene.book.channels[static_cast<std::size_t>(m_channels.back())];
    if (path == std::string_view::npos || Bench::field(answer, "channelID") != channel.id)
        m_scene.book.complain("register was refused");
    else
        channel.path = url.substr(path);
    registerNext();
}

void Subscriber::goLive()
{
    m_isLive = true;
    if (m_scene.isEnding)
        return;
    Agenda &agenda = m_scene.agenda;
    later(agenda.pause(20, MostStay), &Subscriber::depart);
    if (agenda.happens(0.3))
        later(agenda.pause(0, 500), &Subscriber::askBarrier);
    if (agenda.happens(0.1))
        later(agenda.pause(0, 500), &Subscriber::retireOne);
    if (agenda.happens(0.1)) {
        setReading(false);
        agenda.after(agenda.pause(100, 1'500), [this, connection = m_connection] {
            if (connection == m_connection)
                setReading(true);
        });
    }
}

void Subscriber::notified(std::string_view message)
{
    const auto number = Bench::Ledger::readNumber(Bench::field(message, "data"));
    if (!number) {
        m_scene.book.complain("a message came that was never pushed");
        return;
    }
    m_scene.book.delivered(m_number, m_connection, *number);
    Agenda &agenda = m_scene.agenda;
    const std::string version(Bench::field(message, "version"));
    if (!m_scene.isEnding && agenda.happens(0.03)) {
        ++m_scene.book.counts.nacks;
        sendText(R"({"messageType":"nack","version":")" + version + R"(","code":302})");
        return;
    }
    if (!m_scene.isEnding && agenda.happens(0.05))
        return; // forgotten: it comes again
    const bool isFirst = m_acks.empty();
    m_acks += (isFirst ? R"({"channelID":")" : R"(,{"channelID":")");
    m_acks.append(Bench::field(message, "channelID"));
    m_acks += R"(","version":")" + version + R"(","code":100})";
    m_acked.push_back(static_cast<std::uint32_t>(*number));
    if (m_scene.isEnding || agenda.happens(0.6))
        sendAcks();
    else if (isFirst)
        m_scene.agenda.after(agenda.pause(1, 60), [this, connection = m_connection] {
            if (connection == m_connection)
                sendAcks();
        });
}

void Subscriber::sendAcks()
{
    if (m_acks.empty() || !isOpen() || m_isOffending)
        return;
    m_scene.book.counts.acks += m_acked.size();
    sendText(R"({"messageType":"ack","updates":[)" + m_acks + "]}");
    m_acks.clear();
    m_sent.insert(m_sent.end(), m_acked.begin(), m_acked.end());
    m_acked.clear();
}

void Subscriber::askBarrier()
{
    if (!m_barrier.empty() || m_isOffending)
        return;
    sendAcks();
    m_barrier = nextChannel();
    m_settling = std::exchange(m_sent, {});
    sendText(R"({"messageType":"unregister","channelID":")" + m_barrier + R"("})");
}

void Subscriber::unregistered(std::string_view answer)
{
    if (Bench::field(answer, "channelID") != m_barrier)
        return; // of a channel that is retired
    m_barrier.clear();
    for (const std::uint32_t number : std::exchange(m_settling, {}))
        m_scene.book.settle(number);
}

/// Ends a subscription; the next visit makes up for it.
void Subscriber::retireOne()
{
    if (m_scene.isEnding || m_isOffending || m_channels.empty())
        return;
    const int channel = m_channels.back();
    m_channels.pop_back();
    m_scene.book.retire(channel);
    sendText(R"({"messageType":"unregister","channelID":")"
             + m_scene.book.channels[static_cast<std::size_t>(channel)].id + R"(","code":200})");
}

void Subscriber::depart()
{
    if (m_scene.isEnding)
        return;
    Agenda &agenda = m_scene.agenda;
    if (agenda.happens(0.03)) {
        // Begins anew as another; who pushes to the old one learns it when that one expires.
        for (const int channel : std::exchange(m_channels, {}))
            m_scene.book.retire(channel);
        m_uaid.clear();
    }
    if (agenda.happens(0.3)) {
        misbehave();
    } else {
        if (agenda.happens(0.5))
            write({ "\x88\x82\0\0\0\0\x03\xe9", 8 }); // a Close with 1001, the answer unread
        leave();
    }
}

void Subscriber::misbehave()
{
    m_isOffending = true;
    setReading(true);
    const auto index = static_cast<std::size_t>(
        m_scene.agenda.between(0, static_cast<int>(std::size(Offences)) - 1));
    write(Offences[index]);
    m_scene.agenda.after(10s, [this, connection = m_connection] {
        if (connection == m_connection)
            m_scene.book.complain("a client that broke the protocol was not closed");
    });
}

void Subscriber::leave()
{
    close();
    comeBackLater();
}

void Subscriber::lost(std::string_view why)
{
    if (m_isOffending && why.starts_with("closed with 1"))
        ++m_scene.book.counts.violations;
    else
        m_scene.book.complain("a client was cut off: " + std::string(why));
    comeBackLater();
}

void Subscriber::comeBackLater()
{
    m_connection = nextConnection(); // what was to be done on the last one is not
    m_isLive = m_isOffending = false;
    m_scene.agenda.after(m_scene.isEnding ? 0ms : m_scene.agenda.pause(0, m_mostAway),
                         [this] { visit(); });
}

} // namespace Carillon::Soak
