// SPDX-License-Identifier: MPL-2.0
// The answer to one request as a connection brings it: ResponseReader, with the heads and chunks
// that it shares with RequestReader.
#include "server/net/http/responsereader.h"
#include "tests/fuzz/fuzz.h"

namespace Carillon::Fuzz {
namespace {

/// As the client of other nodes has it; so small that short inputs meet it; and one that nothing
/// reaches, so that memory taken for an announced length would show (-malloc_limit_mb).
constexpr std::int64_t AllLimits[] = { 64 * 1024, 20, std::int64_t { 1 } << 60 };

/// What came of a connection's bytes.
struct Transcript
{
    QByteArray text;
    QByteArray rewritten; // the answer in our own words; empty: there was none
};

/// An answer of our own writing that means the same.
QByteArray written(const HttpClientResponse &response)
{
    QByteArray bytes = "HTTP/1.1 " + QByteArray::number(response.status) + " X\r\n";
    const bool mayHaveBody = response.status != 204 && response.status != 304;
    for (const HttpFields::Field field : response.headers) {
        if (field.name != "content-length" && field.name != "transfer-encoding")
            bytes.append(field.name).append(':').append(field.value).append("\r\n");
    }
    if (mayHaveBody)
        bytes += "content-length: " + QByteArray::number(response.body.size()) + "\r\n";
    return bytes + "\r\n" + response.body;
}

QByteArray described(const HttpClientResponse &response)
{
    QByteArray text = QByteArray::number(response.status) + '\n';
    for (const HttpFields::Field field : response.headers)
        text.append(field.name).append(": ").append(field.value).append('\n');
    return text + response.body + '\n';
}

Transcript transcriptOf(QByteArrayView bytes, std::int64_t limit, Cutting cutting)
{
    ResponseReader reader(limit);
    Pieces pieces(bytes, cutting);
    qsizetype taken = 0;
    for (auto piece = pieces.next(); !piece.empty() && !reader.isComplete();
         piece = pieces.next()) {
        QByteArrayView rest(piece.data(), std::ssize(piece));
        const Result<bool> isWhole = reader.read(rest);
        require(!reader.isUntouched(), "a reader knows that bytes came");
        if (!isWhole)
            return { errorName(isWhole.error()).toByteArray(), {} };
        require(*isWhole == reader.isComplete(), "an answer is whole once");
        require(*isWhole || rest.isEmpty(), "a reader that wants more has taken all");
        taken += std::ssize(piece) - rest.size();
    }
    const bool isWhole = reader.isComplete();
    const bool isKept = isWhole && reader.keepsAlive();
    if (!reader.end())
        return { "broken off", {} };
    require(isWhole || taken == bytes.size(), "what the end delimits goes on to the end");
    const HttpClientResponse response = reader.takeResponse();
    require(response.status >= 200 && response.status <= 599, "a final answer has a status");
    require(response.body.size() <= limit, "a body is within its limit");
    return { described(response) + QByteArray::number(taken) + (isKept ? " kept" : " closed"),
             written(response) };
}

} // namespace

void check(QByteArrayView input)
{
    for (const std::int64_t limit : AllLimits) {
        const Transcript whole = transcriptOf(input, limit, Cutting::Whole);
        for (const Cutting cutting : { Cutting::Bytes, Cutting::Random }) {
            require(transcriptOf(input, limit, cutting).text == whole.text,
                    "an answer does not depend on how its bytes come");
        }
        // A head that is full already may have no room for the length.
        if (whole.rewritten.isEmpty() || whole.rewritten.size() > 16'000
            || whole.rewritten.count("\r\n") > 60)
            continue;
        const Transcript again = transcriptOf(whole.rewritten, limit, Cutting::Whole);
        require(again.rewritten == whole.rewritten, "an answer that is written again is the same");
    }
}

} // namespace Carillon::Fuzz
