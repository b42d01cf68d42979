// SPDX-License-Identifier: MPL-2.0
#include "tests/soak/poster.h"

#include "tests/bench/ledger.h"

namespace Carillon::Soak {

using namespace std::chrono_literals;

namespace {

/// A request that must be refused: what stands before and after the path, and with which status.
struct Offence
{
    std::string_view fields;
    std::string_view path; // empty: that of a channel
    std::size_t bodyBytes;
    int status;
};

constexpr std::string_view Good = "TTL: 60\r\nContent-Encoding: aes128gcm\r\n";
constexpr Offence Offences[] {
    { Good, "/wpush/v2/nonsense", 20, 404 },
    { Good, "/nowhere", 20, 404 },
    { "Content-Encoding: aes128gcm\r\n", {}, 20, 400 },
    { "TTL: many\r\nContent-Encoding: aes128gcm\r\n", {}, 20, 400 },
    { "TTL: 60\r\n", {}, 20, 400 },
    { Good, {}, 100'000, 413 },
};

/// What a vandal says.
constexpr std::string_view Noises[] {
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET / HTTP/1.1\r\nHo",
    "POST /wpush/v2/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nonly this",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "GET / HTTP/1.1\r\n folded: yes\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
    "",
};

} // namespace

Poster::Poster(Scene &scene, int number, const std::vector<std::string> &authorizations)
    : HttpExchange(scene.loop), m_scene(scene), m_number(number), m_authorizations(authorizations)
{
}

void Poster::begin()
{
    ++m_visit;
    forgetRequest();
    m_push.reset();
    if (!open({ m_scene.endpointPort, m_number }))
        m_scene.book.complain("a sender cannot connect");
}

void Poster::post()
{
    if (m_scene.isEnding)
        return;
    Agenda &agenda = m_scene.agenda;
    Book &book = m_scene.book;
    if (agenda.happens(0.03)) {
        postOffence();
        return;
    }
    // Mostly to what is there; sometimes to what was.
    int channel = -1;
    for (int tries = 0; tries < 20 && channel < 0; ++tries) {
        const int newest = static_cast<int>(book.channels.size()) - 1;
        const int candidate = newest < 0 ? -1 : agenda.between(std::max(0, newest - 500), newest);
        if (candidate < 0)
            break;
        const Channel &at = book.channels[static_cast<std::size_t>(candidate)];
        if (!at.path.empty() && (!at.isRetired || agenda.happens(0.02)))
            channel = candidate;
    }
    if (channel < 0) {
        postLater(10ms);
        return;
    }
    const Worth worth = agenda.happens(0.35) ? Worth::Now
        : agenda.happens(0.08)               ? Worth::Seconds
                                             : Worth::Hours;
    const int topic =
        agenda.happens(0.1) ? agenda.between(0, static_cast<int>(Channel::Topics) - 1) : -1;
    const std::size_t size = static_cast<std::size_t>(
        agenda.happens(0.1) ? agenda.between(1'000, 4'000) : agenda.between(20, 400));
    m_push = book.begin(channel, worth, topic);
    const Channel &at = book.channels[static_cast<std::size_t>(channel)];
    std::string request = "POST " + at.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nTTL: ";
    request += worth == Worth::Now ? "0" : worth == Worth::Seconds ? "2" : "36000";
    request += "\r\nContent-Encoding: aes128gcm\r\n";
    if (topic >= 0)
        request += "Topic: topic" + std::to_string(topic) + "\r\n";
    if (at.needsKey) {
        const int index = agenda.between(0, static_cast<int>(m_authorizations.size()) - 1);
        request += "Authorization: " + m_authorizations[static_cast<std::size_t>(index)] + "\r\n";
    }
    request += "Content-Length: " + std::to_string(size) + "\r\n\r\n";
    Bench::Ledger::writeBody(*m_push, size, request);
    m_asked = "TTL " + std::string(worth == Worth::Now ? "0" : "above 0")
        + (topic >= 0 ? ", with a topic" : "");
    ask(request);
}

void Poster::postOffence()
{
    Agenda &agenda = m_scene.agenda;
    const Offence &offence = Offences[static_cast<std::size_t>(
        agenda.between(0, static_cast<int>(std::size(Offences)) - 1))];
    const std::vector<Channel> &channels = m_scene.book.channels;
    std::string path(offence.path);
    for (std::size_t i = channels.size(); i > 0 && path.empty(); --i) {
        if (!channels[i - 1].isRetired && !channels[i - 1].needsKey)
            path = channels[i - 1].path;
    }
    if (path.empty()) {
        postLater(10ms);
        return;
    }
    m_refusal = offence.status;
    m_asked = "a request for " + std::to_string(m_refusal);
    ask("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + std::string(offence.fields)
        + "Content-Length: " + std::to_string(offence.bodyBytes) + "\r\n\r\n"
        + std::string(offence.bodyBytes, 'x'));
}

void Poster::answered(int status)
{
    if (m_refusal != 0) {
        // The channel may have been ended meanwhile.
        if (status == m_refusal || status == 410)
            ++m_scene.book.counts.errors;
        else
            m_scene.book.complain("a bad request was answered " + std::to_string(status));
        m_refusal = 0;
        if (status == 413) { // nothing may follow on this connection
            close();
            m_scene.agenda.after(1ms, [this] { begin(); });
            return;
        }
    } else {
        m_scene.book.answered(*m_push, status);
        m_push.reset();
    }
    postLater(m_scene.agenda.pause(0, 4));
}

std::string Poster::wait() const
{
    if (isResting())
        return {};
    return (m_push ? "push " + std::to_string(*m_push) + ": " : std::string()) + m_asked;
}

void Poster::postLater(std::chrono::milliseconds delay)
{
    m_scene.agenda.after(delay, [this, visit = m_visit] {
        if (visit == m_visit)
            post();
    });
}

void Poster::ended(std::string_view why)
{
    // The server closes behind a body that it does not want, perhaps before its answer is read.
    if (m_push || (m_refusal != 0 && m_refusal != 413))
        m_scene.book.complain("a sender was cut off: " + std::string(why));
    ++m_visit;
    m_refusal = 0;
    forgetRequest();
    m_scene.agenda.after(1ms, [this] { begin(); });
}

void Vandal::begin()
{
    if (m_scene.isEnding)
        return;
    ++m_visit;
    const bool isConnect = m_scene.agenda.happens(0.5);
    if (!open({ isConnect ? m_scene.connectPort : m_scene.endpointPort, m_number }))
        m_scene.book.complain("a vandal cannot connect");
}

void Vandal::opened()
{
    ++m_scene.book.counts.vandals;
    const auto index = static_cast<std::size_t>(
        m_scene.agenda.between(0, static_cast<int>(std::size(Noises)) - 1));
    write(Noises[index]);
    m_scene.agenda.after(m_scene.agenda.pause(0, 200), [this, visit = m_visit] {
        if (visit == m_visit) {
            close();
            comeBack();
        }
    });
}

std::size_t Vandal::received(std::string_view bytes)
{
    constexpr std::string_view Refusal = "HTTP/1.1 4";
    if (!bytes.starts_with(Refusal.substr(0, bytes.size())))
        m_scene.book.complain("a vandal was answered "
                              + std::string(bytes.substr(0, bytes.find('\r'))));
    return 0;
}

void Vandal::comeBack()
{
    ++m_visit;
    m_scene.agenda.after(m_scene.agenda.pause(5, 100), [this] { begin(); });
}

} // namespace Carillon::Soak
