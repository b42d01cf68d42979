// SPDX-License-Identifier: MPL-2.0
// Requests one after another as a connection sends them: RequestReader, findHead(), parseHead() and
// ChunkedBody.
#include "server/net/http/requestreader.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace Carillon::Fuzz {
namespace {

struct Limits
{
    HeadLimits head;
    std::int64_t body = 0;
};

/// As a listener has them; so small that short inputs meet each of them; and a body's limit that
/// nothing reaches, so that memory taken for an announced length would show (-malloc_limit_mb).
const Limits AllLimits[] = {
    { HeadLimits(), 5'630 },
    { { .bytes = 96, .fields = 3 }, 20 },
    { HeadLimits(), std::int64_t { 1 } << 60 },
};

QByteArray described(const RequestHead &head)
{
    const HttpRequest &request = head.request;
    QByteArray text = request.method + ' ' + request.path + '?' + request.query + '\n';
    for (const HttpFields::Field field : request.headers)
        text.append(field.name).append(": ").append(field.value).append('\n');
    for (const std::int64_t number :
         { static_cast<std::int64_t>(head.framing), head.contentLength,
           std::int64_t { head.isHttp11 }, std::int64_t { head.keepAlive },
           std::int64_t { head.expectsContinue } })
        text += QByteArray::number(number) + ' ';
    return text + '\n';
}

/// A request of our own writing that means the same.
QByteArray written(const RequestHead &head, const QByteArray &body)
{
    const HttpRequest &request = head.request;
    QByteArray bytes = request.method + ' ' + request.path;
    if (!request.query.isEmpty())
        bytes += '?' + request.query;
    bytes += head.isHttp11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n";
    for (const HttpFields::Field field : request.headers)
        bytes.append(field.name).append(':').append(field.value).append("\r\n");
    bytes += "\r\n";
    if (head.framing != BodyFraming::Chunked)
        return bytes + body;
    for (const char c : body)
        bytes += QByteArray("1\r\n") + c + "\r\n";
    return bytes + "0\r\n\r\n";
}

/// What came of a connection's bytes.
struct Transcript
{
    QByteArray text; // requests, then an error or what is half read
    QByteArray rewritten; // the requests in our own words
    bool isRefused = false;
};

/// Feeds a reader as a connection does.
class Connection
{
public:
    explicit Connection(const Limits &limits) : m_limits(limits), m_reader(limits.head) { }

    void feed(QByteArrayView bytes)
    {
        while (!bytes.isEmpty() && !m_transcript.isRefused) {
            const auto hunger = m_reader.appetite();
            require(hunger > 0, "a reader that waits has appetite");
            require(hunger <= std::max(m_limits.head.bytes, m_reader.head().contentLength),
                    "appetite stays within head and announced body");
            const qsizetype before = bytes.size();
            step(bytes);
            require(bytes.size() < before || m_transcript.isRefused, "every step takes bytes");
        }
    }

    [[nodiscard]] Transcript end()
    {
        if (!m_transcript.isRefused) {
            m_transcript.text += m_reader.isIdle() ? "idle"
                : m_reader.isInBody()              ? "in a body"
                                                   : "in a head";
        }
        return m_transcript;
    }

private:
    void step(QByteArrayView &bytes)
    {
        const qsizetype before = bytes.size();
        const auto progress = m_reader.read(bytes);
        m_size += before - bytes.size();
        if (!progress) {
            refuse(progress.error());
        } else if (*progress == RequestReader::Progress::More) {
            require(bytes.isEmpty(), "a reader that wants more has taken all");
        } else if (*progress == RequestReader::Progress::Head) {
            begin();
        } else {
            finish();
        }
    }

    void begin()
    {
        m_head = m_reader.head();
        require(m_size <= m_limits.head.bytes, "a head is within its limit");
        require(std::ssize(m_head.request.headers) <= m_limits.head.fields,
                "fields are within their limit");
        const Result<void> fits = m_reader.readBody(m_limits.body);
        if (!fits)
            refuse(fits.error());
        else if (m_head.framing == BodyFraming::None)
            finish();
    }

    void finish()
    {
        const HttpRequest request = m_reader.takeRequest();
        require(request.body.size() <= m_limits.body, "a body is within its limit");
        require(m_head.framing == BodyFraming::Chunked
                    || request.body.size() == m_head.contentLength,
                "a body has the length that was announced");
        m_transcript.text += described(m_head) + request.body + '\n';
        m_transcript.rewritten += written(m_head, request.body);
        m_size = 0;
    }

    void refuse(ErrorCode why)
    {
        m_transcript.isRefused = true;
        m_transcript.text += errorName(why).toByteArray() + '\n' + described(m_reader.head());
    }

    const Limits &m_limits;
    RequestReader m_reader;
    RequestHead m_head;
    qsizetype m_size = 0; // bytes of the current request so far
    Transcript m_transcript;
};

Transcript transcriptOf(QByteArrayView bytes, const Limits &limits, Cutting cutting)
{
    Connection connection(limits);
    Pieces pieces(bytes, cutting);
    for (auto piece = pieces.next(); !piece.empty(); piece = pieces.next())
        connection.feed({ piece.data(), std::ssize(piece) });
    return connection.end();
}

} // namespace

void check(QByteArrayView input)
{
    for (const Limits &limits : AllLimits) {
        const Transcript whole = transcriptOf(input, limits, Cutting::Whole);
        for (const Cutting cutting : { Cutting::Bytes, Cutting::Random }) {
            require(transcriptOf(input, limits, cutting).text == whole.text,
                    "requests do not depend on how their bytes come");
        }
        // With small limits the words of our own may be too long.
        if (limits.head.bytes < HeadLimits().bytes)
            continue;
        const Transcript again = transcriptOf(whole.rewritten, limits, Cutting::Whole);
        require(!again.isRefused && again.rewritten == whole.rewritten,
                "a request that is written again means the same");
    }
}

} // namespace Carillon::Fuzz
