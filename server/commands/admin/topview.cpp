// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/topview.h"

#include "server/commands/terminal/figures.h"
#include "server/commands/terminal/text.h"

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype PageRows = 10;
constexpr QByteArrayView Up = "\033[A";
constexpr QByteArrayView Down = "\033[B";
constexpr QByteArrayView Right = "\033[C";
constexpr QByteArrayView Left = "\033[D";
constexpr QByteArrayView PageUp = "\033[5~";
constexpr QByteArrayView PageDown = "\033[6~";

/// A figure of the head: its name, then its value.
struct Figure
{
    QString name;
    QString member; // of /stats
    FieldKind kind = FieldKind::Number;
};

const std::vector<std::vector<Figure>> &figureLines()
{
    static const std::vector<std::vector<Figure>> lines {
        { { u"connected"_s, u"connections"_s },
          { u"connects"_s, u"rates.connects"_s, FieldKind::Rate },
          { u"pushes"_s, u"rates.pushes"_s, FieldKind::Rate },
          { u"delivered"_s, u"rates.delivered"_s, FieldKind::Rate },
          { u"acked"_s, u"rates.acked"_s, FieldKind::Rate },
          { u"errors"_s, u"rates.errors"_s, FieldKind::Rate } },
        { { u"stored"_s, u"rates.stored"_s, FieldKind::Rate },
          { u"expired"_s, u"rates.expired"_s, FieldKind::Rate },
          { u"database"_s, u"storage.bytes"_s, FieldKind::Bytes },
          { u"storage queue"_s, u"storage.queue"_s },
          { u"messages"_s, u"queue.messages"_s },
          { u"oldest"_s, u"queue.oldest_age"_s, FieldKind::Span } },
        { { u"POST p50"_s, u"latency.post.p50"_s, FieldKind::Latency },
          { u"p99"_s, u"latency.post.p99"_s, FieldKind::Latency },
          { u"delivery p50"_s, u"latency.delivery.p50"_s, FieldKind::Latency },
          { u"p99"_s, u"latency.delivery.p99"_s, FieldKind::Latency },
          { u"storage p99"_s, u"latency.storage.p99"_s, FieldKind::Latency } },
        { { u"CPU"_s, u"process.cpu"_s, FieldKind::Percent },
          { u"memory"_s, u"process.memory"_s, FieldKind::Bytes },
          { u"descriptors"_s, u"process.descriptors"_s } },
    };
    return lines;
}

/// Those that the server gives, side by side, as many as fit.
QString figureLine(const std::vector<Figure> &figures, const QJsonObject &stats, int width,
                   const View &view, const Palette &palette)
{
    QString line;
    int used = 0;
    for (const Figure &figure : figures) {
        if (memberOf(stats, figure.member).isUndefined())
            continue;
        const Cell cell = cellOf(memberOf(stats, figure.member), figure.kind, view);
        const QString value = printable(cell.text);
        const int needed = displayWidth(figure.name) + 1 + displayWidth(value) + (used > 0 ? 3 : 0);
        if (used + needed > width)
            break;
        if (used > 0)
            line += u"   "_s;
        line +=
            palette.paint(figure.name, Tone::Quiet) + u' ' + palette.paint(value, Tone::Heading);
        used += needed;
    }
    return line;
}

bool isBefore(const QJsonValue &a, const QJsonValue &b)
{
    if (a.isDouble() && b.isDouble())
        return a.toDouble() < b.toDouble();
    if (a.isString() && b.isString())
        return a.toString() < b.toString();
    return a.type() < b.type();
}

} // namespace

const std::vector<Field> &TopView::fields() const
{
    static const std::vector<Field> clients {
        { u"UAID"_s, u"uaid"_s, FieldKind::Id },
        { u"STATE"_s, u"connected"_s, FieldKind::Presence },
        { u"STORED"_s, u"messages"_s, FieldKind::Number },
        { u"BYTES"_s, u"bytes"_s, FieldKind::Bytes, 2 },
        { u"UNACKED"_s, u"unacknowledged"_s, FieldKind::Number, 2 },
        { u"LAST SEEN"_s, u"last_seen"_s, FieldKind::Moment, 1 },
        { u"USER AGENT"_s, u"user_agent"_s, FieldKind::Text, 3 },
    };
    static const std::vector<Field> senders {
        { u"KEY"_s, u"key"_s, FieldKind::Id },
        { u"SUB"_s, u"sub"_s, FieldKind::Text },
        { u"PUSHES"_s, u"pushes"_s, FieldKind::Number },
        { u"REFUSED"_s, u"refused"_s, FieldKind::Number },
        { u"LAST"_s, u"last"_s, FieldKind::Moment, 1 },
        { u"ERRORS"_s, u"errors"_s, FieldKind::Counts, 2 },
    };
    static const std::vector<Field> nodes {
        { u"NODE"_s, u"node"_s, FieldKind::Text },
        { u"STATE"_s, u"state"_s, FieldKind::State },
        { u"CLIENTS"_s, u"connections"_s, FieldKind::Number },
        { u"VERSION"_s, u"version"_s, FieldKind::Text, 1 },
    };
    switch (m_subject) {
    case Subject::Clients:
        return clients;
    case Subject::Senders:
        return senders;
    case Subject::Nodes:
        return nodes;
    }
    return clients;
}

void TopView::show(Subject subject)
{
    if (subject == m_subject)
        return;
    m_subject = subject;
    m_sort.reset();
    m_isReversed = false;
    m_first = 0;
    m_data.rows = {};
}

TopView::Wish TopView::press(const QByteArray &key)
{
    if (key == "q" || key == "Q")
        return Wish::Quit;
    if (m_isHelp) {
        m_isHelp = false;
        return Wish::Nothing;
    }
    const std::size_t columns = fields().size();
    if (key == "h" || key == "?") {
        m_isHelp = true;
    } else if (key == " " || key == "p") {
        m_isPaused = !m_isPaused;
        return m_isPaused ? Wish::Nothing : Wish::Data;
    } else if (key == "c" || key == "s" || key == "n") {
        show(key == "c" ? Subject::Clients : key == "s" ? Subject::Senders : Subject::Nodes);
        return Wish::Data;
    } else if (key == ">" || key == Right) {
        m_sort = m_sort ? (*m_sort + 1) % columns : 0;
    } else if (key == "<" || key == Left) {
        m_sort = m_sort ? (*m_sort + columns - 1) % columns : columns - 1;
    } else if (key == "r") {
        m_isReversed = !m_isReversed;
    } else if (key == Down || key == "j") {
        ++m_first;
    } else if (key == Up || key == "k") {
        --m_first;
    } else if (key == PageDown) {
        m_first += PageRows;
    } else if (key == PageUp) {
        m_first -= PageRows;
    }
    m_first = std::clamp<qsizetype>(m_first, 0, std::max<qsizetype>(0, m_data.rows.size() - 1));
    return Wish::Nothing;
}

void TopView::take(Data data)
{
    m_data = std::move(data);
    m_trouble.clear();
}

void TopView::setTrouble(const QString &sentence, std::chrono::seconds age)
{
    m_trouble = sentence;
    m_age = age;
}

QStringList TopView::head(int width, const Palette &palette) const
{
    const View view { .now = m_data.now, .isWide = false };
    const auto text = [this](const QString &member) {
        return printable(memberOf(m_data.status, member).toString());
    };
    QStringList parts { u"carillon %1"_s.arg(text(u"version"_s)), text(u"node"_s) };
    if (const QJsonValue uptime = m_data.status.value("uptime"_L1); uptime.isDouble())
        parts << u"up %1"_s.arg(cellOf(uptime, FieldKind::Span, view).text);
    if (const QString state = text(u"state"_s); state != "serving"_L1)
        parts << state;
    if (m_isPaused)
        parts << u"PAUSED"_s;
    parts.removeAll(QString());
    QStringList lines { palette.paint(elided(parts.join(u"  "_s), width), Tone::Heading) };
    if (!m_trouble.isEmpty())
        lines << palette.paint(
            elided(u"%1; the figures are %2 old"_s.arg(printable(m_trouble), spanText(m_age)),
                   width),
            Tone::Bad);
    for (const std::vector<Figure> &figures : figureLines()) {
        if (const QString line = figureLine(figures, m_data.stats, width, view, palette);
            !line.isEmpty())
            lines << line;
    }
    for (const QJsonValue warning : m_data.status.value("warnings"_L1).toArray())
        lines << palette.paint(
            elided(u"! "_s + printable(warning.toObject().value("text"_L1).toString()), width),
            Tone::Warning);
    return lines;
}

QJsonArray TopView::sorted() const
{
    if (!m_sort && !m_isReversed)
        return m_data.rows;
    std::vector<QJsonValue> rows(m_data.rows.begin(), m_data.rows.end());
    if (m_sort) {
        const QString member = fields()[*m_sort].member;
        const auto valueOf = [&member](const QJsonValue &row) {
            return memberOf(row.toObject(), member);
        };
        std::ranges::stable_sort(rows, isBefore, valueOf);
    }
    // The largest comes first, as nearly always wanted; for ids it does not matter.
    if (m_sort.has_value() != m_isReversed)
        std::ranges::reverse(rows);
    QJsonArray result;
    for (const QJsonValue &row : rows)
        result.append(row);
    return result;
}

QStringList TopView::table(int width, int height, const Palette &palette) const
{
    const QJsonArray rows = sorted();
    QJsonArray shown;
    for (qsizetype i = m_first; i < rows.size() && shown.size() < std::max(0, height - 1); ++i)
        shown.append(rows[i]);
    if (shown.isEmpty())
        return { palette.paint(u"nothing to list"_s, Tone::Quiet) };
    std::vector<Field> columns = fields();
    if (m_sort)
        columns[*m_sort].title += m_isReversed ? u"↑"_s : u"↓"_s;
    return tableOf(columns, shown, { .now = m_data.now, .isWide = false })
        .layout(width, palette)
        .lines;
}

QStringList TopView::lines(int width, int height, const Palette &palette) const
{
    static const QStringList help {
        u"c, s, n     lists clients, senders or nodes"_s,
        u"<, >        sorts by the column to the left or right"_s,
        u"r           reverses the order"_s,
        u"↑, ↓        scrolls, as do Page Up and Page Down"_s,
        u"Space       pauses, and goes on"_s,
        u"q           quits"_s,
    };
    width = std::max(1, width);
    QStringList all;
    if (m_isHelp) {
        for (const QString &line : help)
            all << elided(line, width);
    } else {
        all = head(width, palette);
        all << QString();
        // One line is left for the keys.
        all << table(width, height - static_cast<int>(all.size()) - 1, palette);
    }
    while (all.size() < height)
        all << QString();
    all = all.first(std::max(0, height));
    const QString keys = m_isHelp
        ? u"any key goes back"_s
        : u"c clients  s senders  n nodes  < > sort  r reverse  Space pause  h help  q quit"_s;
    if (height > 1)
        all.last() = palette.paint(elided(keys, width), Tone::Quiet);
    return all;
}

} // namespace Carillon
