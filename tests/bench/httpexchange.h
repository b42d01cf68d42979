// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/connection.h"

namespace Carillon::Bench {

/// The client's end of HTTP/1.1 on a kept connection: one request, then its answer.
class HttpExchange : public Connection
{
public:
    using Connection::Connection;

    /// Sends a request, written out whole.
    void ask(std::string_view request);
    [[nodiscard]] bool isWaiting() const { return m_waiting; }

protected:
    virtual void answered(int status) = 0;
    virtual void answeredUnasked() = 0;
    /// A connection that is opened anew waits for nothing.
    void forgetRequest() { m_waiting = false; }

private:
    std::size_t received(std::string_view bytes) final;

    bool m_waiting = false;
};

} // namespace Carillon::Bench
