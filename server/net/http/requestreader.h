// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/http/chunkedbody.h"
#include "server/net/http/httphead.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

/// Reads one request after another from pieces of any size. Empty lines in front of a request are
/// skipped (RFC 9112 §2.2) and count towards the limit of its head. The body's limit is asked for
/// between head and body. Allocates for bytes that have come, never for a length that was
/// announced. A pure function of bytes. Owns: an incomplete request. Thread: one.
class RequestReader
{
public:
    enum class Progress : std::uint8_t {
        More, // all bytes are taken
        Head, // head() is whole: readBody() or takeHead()
        Request, // takeRequest()
    };

    /// The limits outlive the reader.
    explicit RequestReader(const HeadLimits &limits) : m_limits(&limits) { }

    /// Takes bytes off the front until there is progress. While there is none, head() holds what is
    /// known; after an error nothing may be fed any more.
    [[nodiscard]] Result<Progress> read(QByteArrayView &bytes);
    /// Goes on with the body; BodyTooLarge when the head announces more than `limit` bytes of it.
    [[nodiscard]] Result<void> readBody(std::int64_t limit);

    [[nodiscard]] RequestHead &head() { return m_head; }
    /// A head without its body, as of an upgrade.
    [[nodiscard]] RequestHead takeHead();
    [[nodiscard]] HttpRequest takeRequest();

    /// No request has begun; empty lines are none.
    [[nodiscard]] bool isIdle() const { return m_state == State::Head && m_bytes.isEmpty(); }
    /// Nothing was read at all: a new reader would do as well.
    [[nodiscard]] bool isFresh() const { return isIdle() && m_skipped == 0; }
    [[nodiscard]] bool isInBody() const { return m_state == State::Body; }
    /// Bytes to read at once, so that few behind the request come with it.
    [[nodiscard]] std::int64_t appetite() const;

private:
    enum class State : std::uint8_t { Head, Judging, Body };

    [[nodiscard]] Result<Progress> readHead(QByteArrayView &bytes);

    const HeadLimits *m_limits;
    State m_state = State::Head;
    QByteArray m_bytes; // of an incomplete head or body
    std::int64_t m_line = 0; // where the last line in m_bytes begins
    std::int64_t m_skipped = 0; // bytes of empty lines before the request
    RequestHead m_head;
    std::optional<ChunkedBody> m_chunks;
};

} // namespace Carillon
