// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QMap>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace Carillon::Testing {

/// The service that tells broadcast versions (protocol.md §2.8), in a thread of its own because the
/// test waits elsewhere.
class Megaphone
{
public:
    Megaphone();
    ~Megaphone();
    Megaphone(const Megaphone &) = delete;
    Megaphone &operator=(const Megaphone &) = delete;

    [[nodiscard]] QByteArray url() const;
    /// What GET answers from now on.
    void answer(const QMap<QByteArray, QByteArray> &versions);
    /// The same, as bytes of an HTTP answer, however wrong.
    void answerRaw(const QByteArray &reply);
    /// How long GET waits for its answer from now on.
    void delay(std::chrono::milliseconds wait);
    /// Waits until two polls were answered from now on: the server has then seen the present
    /// answer.
    [[nodiscard]] bool waitForPolls();

private:
    void serve();

    int m_listener = -1;
    quint16 m_port = 0;
    std::mutex m_mutex;
    std::condition_variable m_polled;
    QByteArray m_reply; // guarded by m_mutex
    std::chrono::milliseconds m_delay {}; // guarded by m_mutex
    int m_polls = 0; // guarded by m_mutex
    std::thread m_thread;
};

} // namespace Carillon::Testing
