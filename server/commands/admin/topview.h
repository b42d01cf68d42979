// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/fields.h"
#include "server/commands/terminal/palette.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// What `carillon top` shows, and how it is looked at. A pure function of data and keys.
/// Thread: one.
class TopView
{
public:
    /// What the table below the figures lists.
    enum class Subject : std::uint8_t { Clients, Senders, Nodes };

    struct Data
    {
        QJsonObject status;
        QJsonObject stats;
        QJsonArray rows; ///< of the subject
        QDateTime now;
    };

    /// What a key asks for besides another picture.
    enum class Wish : std::uint8_t { Nothing, Data, Quit };

    [[nodiscard]] Wish press(const QByteArray &key);
    [[nodiscard]] Subject subject() const { return m_subject; }
    [[nodiscard]] bool isPaused() const { return m_isPaused; }

    void take(Data data);
    /// The server does not answer; the picture stays. Empty: it does again.
    void setTrouble(const QString &sentence, std::chrono::seconds age);

    /// Exactly `height` lines of at most `width` columns.
    [[nodiscard]] QStringList lines(int width, int height, const Palette &palette) const;

private:
    [[nodiscard]] const std::vector<Field> &fields() const;
    [[nodiscard]] QStringList head(int width, const Palette &palette) const;
    [[nodiscard]] QStringList table(int width, int height, const Palette &palette) const;
    [[nodiscard]] QJsonArray sorted() const;
    void show(Subject subject);

    Data m_data;
    Subject m_subject = Subject::Clients;
    /// Column that the rows are sorted by; absent: the server's order.
    std::optional<std::size_t> m_sort;
    bool m_isReversed = false;
    bool m_isPaused = false;
    bool m_isHelp = false;
    qsizetype m_first = 0; ///< row at the top
    QString m_trouble;
    std::chrono::seconds m_age {};
};

} // namespace Carillon
