// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/loop.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace Carillon::Bench {

/// From where and how a connection is made.
struct Dial
{
    std::uint16_t port = 0;
    /// Chooses among addresses of 127/8, so that ports do not run out.
    int source = 0;
    /// SO_RCVBUF; 0: the kernel's choice.
    int receiveBuffer = 0;
    /// A client's; null: no TLS.
    SSL_CTX *tls = nullptr;
};

/// A TCP connection to or from this machine, with TLS if its dial says so; or any other stream
/// socket, adopted.
/// Owns: its descriptor and what the kernel did not take yet. Not destroyed within a callback.
class Connection : private Watched
{
public:
    explicit Connection(Loop &loop) : m_loop(loop) { }
    ~Connection() override;
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    [[nodiscard]] bool open(const Dial &dial);
    /// Takes a connection that was accepted.
    [[nodiscard]] bool adopt(int descriptor);
    void write(std::string_view bytes);
    /// Resets it, so that no port waits for old packets. No callback follows.
    void close();
    [[nodiscard]] bool isOpen() const { return m_descriptor >= 0; }
    /// While false nothing is read, so that the kernel's buffers and then the peer's fill.
    void setReading(bool reading);

protected:
    virtual void opened() = 0;
    /// Gives how many of the bytes it took; the rest comes again with what follows.
    [[nodiscard]] virtual std::size_t received(std::string_view bytes) = 0;
    /// The peer or the kernel ended it; it is closed.
    virtual void ended(std::string_view why) = 0;

private:
    struct Free
    {
        void operator()(SSL *ssl) const { SSL_free(ssl); }
    };

    void ready(std::uint32_t events) override;
    /// True once there is nothing left to agree on.
    [[nodiscard]] bool shakeHands();
    /// As the calls of the kernel, through TLS if there is any.
    [[nodiscard]] ssize_t sendSome(std::string_view bytes);
    [[nodiscard]] ssize_t receiveSome(std::vector<char> &buffer);
    void read();
    void flush();
    void fail(std::string_view why);

    Loop &m_loop;
    int m_descriptor = -1;
    std::unique_ptr<SSL, Free> m_tls;
    bool m_connected = false;
    bool m_reading = true;
    std::string m_in;
    std::string m_out;
};

} // namespace Carillon::Bench
