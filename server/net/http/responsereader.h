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

/// Reads the answer to one request, not to a HEAD, from pieces of any size; interim answers (1xx)
/// before it are dropped. Heads have the limits of HeadLimits. Allocates for bytes that have
/// come, never for a length that was announced. A pure function of bytes.
/// Owns: an incomplete answer. Thread: one.
class ResponseReader
{
public:
    explicit ResponseReader(std::int64_t bodyLimit) : m_bodyLimit(bodyLimit) { }

    /// Takes bytes off the front up to the end of the answer; true: it is whole. BadRequest (what
    /// came is no answer, or leaves a doubt), HeadTooLarge and BodyTooLarge end it for good.
    [[nodiscard]] Result<bool> read(QByteArrayView &bytes);
    /// The server sends no more. Whether the answer is whole with that.
    [[nodiscard]] bool end() const { return m_state == State::UntilEnd || isComplete(); }

    [[nodiscard]] bool isComplete() const { return m_state == State::Complete; }
    /// Not a byte of an answer came.
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
