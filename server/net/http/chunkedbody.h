// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>

namespace Carillon {

/// Reads a chunked body (RFC 9112 §7.1) from pieces of any size. Extensions and trailers are
/// dropped and count against a limit of their own. Owns: the body read so far. Thread: one.
class ChunkedBody
{
public:
    ChunkedBody(std::int64_t bodyLimit, std::int64_t overheadLimit)
        : m_bodyLimit(bodyLimit), m_overheadLimit(overheadLimit)
    {
    }

    /// Consumes bytes and returns how many belonged to the body: all of them unless it is complete
    /// now. After BadRequest, HeadTooLarge or BodyTooLarge nothing more may be fed.
    [[nodiscard]] Result<std::int64_t> feed(QByteArrayView bytes);
    [[nodiscard]] bool isComplete() const { return m_state == State::Complete; }
    /// Precondition: isComplete().
    [[nodiscard]] QByteArray takeBody() { return std::move(m_body); }

private:
    enum class State : std::uint8_t {
        SizeFirst, // the digit that must come
        Size,
        ExtensionStart, // the name that must come
        ExtensionName,
        ValueStart, // the value that must come
        Value,
        Quoted,
        QuotedPair,
        AfterQuoted,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerLf,
        EndLf,
        Complete,
    };

    [[nodiscard]] bool step(char c);
    [[nodiscard]] bool stepSize(char c);
    [[nodiscard]] bool stepExtension(char c);
    [[nodiscard]] bool stepTrailer(char c);
    [[nodiscard]] bool endExtension(char c);

    std::int64_t m_bodyLimit;
    std::int64_t m_overheadLimit;
    std::int64_t m_overhead = 0; // bytes of extensions and trailers
    std::int64_t m_left = 0;
    QByteArray m_body;
    State m_state = State::SizeFirst;
};

} // namespace Carillon
