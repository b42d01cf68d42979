// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace Carillon::Testing {

/// An HTTP answer as it was read from the wire.
struct RawResponse
{
    int status = 0;
    /// The whole head, its empty line included.
    QByteArray head;
    QByteArray body;

    /// Value of the first header of this name in any case; null if there is none.
    [[nodiscard]] QByteArray header(QByteArrayView name) const;
    [[nodiscard]] bool hasHeader(QByteArrayView name) const { return !header(name).isNull(); }
};

class RawTls;

/// A TCP client that says exactly the bytes it is told: blocking, with a deadline for everything,
/// no event loop. Owns: the descriptor. Thread: one.
class RawSocket
{
public:
    /// Whether the bytes go through TLS, of which the tests that use them know nothing.
    enum class Wire { Plain, Tls };
    /// For all sockets made from now on; plain unless called.
    static void speak(Wire wire);
    [[nodiscard]] static Wire spoken();

    /// How long is waited for what should come.
    static constexpr std::chrono::milliseconds Patience { 10'000 };

    RawSocket();
    /// Connects to 127.0.0.1.
    explicit RawSocket(quint16 port) : RawSocket() { static_cast<void>(connectTo(port)); }
    ~RawSocket();
    RawSocket(const RawSocket &) = delete;
    RawSocket &operator=(const RawSocket &) = delete;

    /// Makes the descriptor without connecting, for a test that will run out of them.
    [[nodiscard]] bool prepare();
    /// A small window makes a slow reader. Before connectTo().
    void setReceiveBuffer(int bytes);
    [[nodiscard]] bool connectTo(quint16 port);
    [[nodiscard]] bool isConnected() const { return m_connected; }
    [[nodiscard]] int descriptor() const { return m_fd; }
    /// From now on the bytes go through this, which was made for the descriptor.
    RawTls &wrap(std::unique_ptr<RawTls> tls);

    /// False when the peer has gone before it took all.
    bool send(QByteArrayView bytes);
    /// Says FIN and goes on reading.
    void finishSending();
    void close();
    /// Ends with RST instead of FIN.
    void reset();

    /// Exactly that many bytes, or fewer when the connection ends or time runs out.
    [[nodiscard]] QByteArray read(qsizetype count);
    /// Up to and including the marker.
    [[nodiscard]] QByteArray readUntil(QByteArrayView marker);
    /// All that comes until the peer ends.
    [[nodiscard]] QByteArray readToEnd();
    /// The next answer; absent when none comes whole. isHead: it has no body, whatever it says.
    [[nodiscard]] std::optional<RawResponse> readResponse(bool isHead = false);
    /// Sends a request and reads its answer.
    [[nodiscard]] std::optional<RawResponse> exchange(QByteArrayView request, bool isHead = false);
    /// Whether the peer ends the connection, by FIN or RST, whatever comes before.
    [[nodiscard]] bool waitForEnd(std::chrono::milliseconds atMost = Patience);
    /// Whether bytes (or the end) are there within this time.
    [[nodiscard]] bool waitForInput(std::chrono::milliseconds atMost);

private:
    [[nodiscard]] bool fill(std::chrono::steady_clock::time_point deadline);

    int m_fd = -1;
    std::unique_ptr<RawTls> m_tls; // null: plain
    bool m_connected = false;
    bool m_ended = false;
    QByteArray m_buffer; // received, not yet asked for
};

} // namespace Carillon::Testing
