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

/// One epoll instance, level-triggered, which the thread's Qt loop watches through a single
/// notifier: its cost does not grow with the descriptors in it. Also the buffers that all
/// connections of a thread use in turn.
/// Owns: the epoll descriptor. Thread: one.
class EpollLoop
{
public:
    /// Called for each descriptor that is ready, with the key it was watched under; may watch and
    /// change others, and close any.
    using Ready = UniqueFunction<void(std::uint64_t key, std::uint32_t events)>;

    explicit EpollLoop(Ready ready);
    ~EpollLoop();
    EpollLoop(const EpollLoop &) = delete;
    EpollLoop &operator=(const EpollLoop &) = delete;

    /// False when the kernel has no room for it. Closing a descriptor that nobody shares ends its
    /// watch.
    [[nodiscard]] bool watch(int descriptor, std::uint64_t key, std::uint32_t events);
    void change(int descriptor, std::uint64_t key, std::uint32_t events);
    void unwatch(int descriptor);

    /// Where input is read to, for the time of one call-back.
    [[nodiscard]] std::span<char> readBuffer() { return m_readBuffer; }
    /// An empty byte array to build output in, for the time of one call.
    [[nodiscard]] QByteArray &writeBuffer();
    /// The time now as HTTP writes it.
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
