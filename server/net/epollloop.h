// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"

#include <QByteArray>
#include <QSocketNotifier>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace Carillon {

/// A level-triggered epoll instance, which the thread's Qt event loop watches through a single
/// notifier, so that its cost does not grow with the number of descriptors. Also holds the buffers
/// that the connections of a thread share.
/// Owns: the epoll descriptor. Thread: one.
class EpollLoop
{
public:
    /// Called for each ready descriptor with the key it was registered under; may register and
    /// change others, and close any.
    using Ready = UniqueFunction<void(std::uint64_t key, std::uint32_t events)>;

    explicit EpollLoop(Ready ready);
    ~EpollLoop();
    EpollLoop(const EpollLoop &) = delete;
    EpollLoop &operator=(const EpollLoop &) = delete;

    /// False if the kernel refuses. Closing a descriptor that has no duplicate unregisters it.
    [[nodiscard]] bool watch(int descriptor, std::uint64_t key, std::uint32_t events);
    void change(int descriptor, std::uint64_t key, std::uint32_t events);
    void unwatch(int descriptor);

    /// A buffer to read input into, valid during one callback.
    [[nodiscard]] std::span<char> readBuffer() { return m_readBuffer; }
    /// An empty byte array to build output in, valid during one call.
    [[nodiscard]] QByteArray &writeBuffer();
    /// The current time as an HTTP date, formatted once a second.
    [[nodiscard]] const QByteArray &date();

private:
    void turn();

    Ready m_ready;
    int m_epoll;
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::vector<char> m_readBuffer;
    QByteArray m_writeBuffer;
    QByteArray m_date;
    std::int64_t m_dateSeconds = 0;
};

} // namespace Carillon
