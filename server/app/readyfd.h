// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

namespace Carillon {

/// A descriptor that whoever started this process waits at for a line. It is closed once the line
/// is written, and when the process ends without it. Thread: main.
class ReadyFd
{
public:
    /// text: the number of an open descriptor. The error is a sentence.
    [[nodiscard]] static Result<ReadyFd, QString> fromText(const QString &text);
    ReadyFd(ReadyFd &&other) noexcept;
    ~ReadyFd();
    ReadyFd(const ReadyFd &) = delete;
    ReadyFd &operator=(const ReadyFd &) = delete;
    ReadyFd &operator=(ReadyFd &&) = delete;

    /// Writes a line, to which the newline is added, and closes. A reader that is gone is no fault.
    void write(const QByteArray &line);

private:
    explicit ReadyFd(int descriptor) : m_descriptor(descriptor) { }
    void close();

    int m_descriptor;
};

} // namespace Carillon
