// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/http/chunkedbody.h"
#include "server/net/http/httpmessage.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

/// Reads the response to one request other than HEAD from pieces of any size, and drops interim
/// responses (1xx) before it. Heads are limited by the defaults of HeadLimits. Allocates for bytes
/// received, never for an announced length. A pure function of bytes.
/// Owns: an incomplete response. Thread: one.
class ResponseReader
{
public:
    explicit ResponseReader(std::int64_t bodyLimit) : m_bodyLimit(bodyLimit) { }

    /// Consumes bytes up to the end of the response; true: it is complete. After BadRequest
    /// (invalid or ambiguous), HeadTooLarge or BodyTooLarge nothing more may be fed.
    [[nodiscard]] Result<bool> read(QByteArrayView &bytes);
    /// Reports that the server ended the connection. Returns whether that completes the response.
    [[nodiscard]] bool end() const { return m_state == State::UntilEnd || isComplete(); }

    [[nodiscard]] bool isComplete() const { return m_state == State::Complete; }
    /// No byte of the response has arrived.
    [[nodiscard]] bool isUntouched() const { return !m_isTouched; }
    /// Another request may follow on this connection. Precondition: isComplete().
    [[nodiscard]] bool keepsAlive() const { return m_keepAlive; }
    /// Precondition: isComplete() or end().
    [[nodiscard]] HttpClientResponse takeResponse();

private:
    enum class State : std::uint8_t { Head, Length, Chunked, UntilEnd, Complete };

    [[nodiscard]] Result<void> readHead(QByteArrayView &bytes);
    [[nodiscard]] Result<void> judgeHead(QByteArrayView head);
    [[nodiscard]] Result<void> begin(bool isHttp11);
    [[nodiscard]] Result<void> readBody(QByteArrayView &bytes);

    std::int64_t m_bodyLimit;
    State m_state = State::Head;
    bool m_isTouched = false;
    bool m_keepAlive = false;
    int m_interim = 0; // answers dropped so far
    QByteArray m_bytes; // of an incomplete head
    std::int64_t m_line = 0; // where the last line in m_bytes begins
    std::int64_t m_contentLength = 0;
    std::optional<ChunkedBody> m_chunks;
    HttpClientResponse m_response;
};

} // namespace Carillon
