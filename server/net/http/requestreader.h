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
/// skipped (RFC 9112 §2.2) and count towards the limit of its head. The caller sets the limit of
/// the body between head and body. Allocates for bytes received, never for an announced length.
/// A pure function of bytes. Owns: an incomplete request. Thread: one.
class RequestReader
{
public:
    enum class Progress : std::uint8_t {
        More, // all bytes are consumed, more are needed
        Head, // head() is complete: call readBody() or takeHead()
        Request, // the request is complete: call takeRequest()
    };

    /// The limits outlive the reader.
    explicit RequestReader(const HeadLimits &limits) : m_limits(&limits) { }

    /// Consumes bytes from the front until there is progress. Before that, head() holds what is
    /// known so far. After an error nothing more may be fed.
    [[nodiscard]] Result<Progress> read(QByteArrayView &bytes);
    /// Continues with the body; BodyTooLarge if the head announces more than `limit` bytes.
    [[nodiscard]] Result<void> readBody(std::int64_t limit);

    [[nodiscard]] RequestHead &head() { return m_head; }
    /// A head without its body, as of an upgrade.
    [[nodiscard]] RequestHead takeHead();
    [[nodiscard]] HttpRequest takeRequest();

    /// No request has begun; empty lines do not count as one.
    [[nodiscard]] bool isIdle() const { return m_state == State::Head && m_bytes.isEmpty(); }
    /// Nothing was read at all, so the reader need not be kept.
    [[nodiscard]] bool isFresh() const { return isIdle() && m_skipped == 0; }
    [[nodiscard]] bool isInBody() const { return m_state == State::Body; }
    /// How many bytes to read next, so that few of the following request come with them.
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
