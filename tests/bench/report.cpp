// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace Carillon::Bench {
namespace {

const Figure &figureOf(std::string_view id)
{
    const auto *const found = std::ranges::find(Figures, id, &Figure::id);
    if (found == std::end(Figures))
        std::abort(); // a scenario names a figure that figures.h does not have
    return *found;
}

std::string target(const Figure &figure)
{
    switch (figure.bound) {
    case Bound::None:
        return {};
    case Bound::AtMost:
        return "≤ " + readable(figure.target);
    case Bound::AtLeast:
        return "≥ " + readable(figure.target);
    }
    return {};
}

bool isMet(const Figure &figure, double value)
{
    switch (figure.bound) {
    case Bound::None:
        return true;
    case Bound::AtMost:
        return value <= figure.target;
    case Bound::AtLeast:
        return value >= figure.target;
    }
    return true;
}

std::string jsonString(std::string_view text)
{
    std::string json = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\')
            json += '\\';
        json += static_cast<unsigned char>(letter) < 0x20 ? ' ' : letter;
    }
    return json + '"';
}

std::string number(double value)
{
    std::array<char, 32> text {};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

} // namespace

std::string readable(double value)
{
    const double size = std::fabs(value);
    int decimals = 2;
    if (size >= 100 || value == std::floor(value))
        decimals = 0;
    else if (size >= 10)
        decimals = 1;
    std::array<char, 32> digits {};
    std::snprintf(digits.data(), digits.size(), "%.*f", decimals, value);
    std::string text = digits.data();
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::size_t begin = text.starts_with('-') ? 1 : 0;
    for (std::size_t at = end; at > begin + 3; at -= 3)
        text.insert(at - 3, 1, ',');
    return text;
}

void Report::add(std::string_view id, double value, std::string at)
{
    const Figure &figure = figureOf(id);
    std::fprintf(stderr, "  %s: %s %s%s%s\n", std::string(figure.name).c_str(),
                 readable(value).c_str(), std::string(figure.unit).c_str(), at.empty() ? "" : ", ",
                 at.c_str());
    m_rows.push_back({ &figure, value, std::move(at) });
}

void Report::fail(std::string_view scenario, std::string why)
{
    std::fprintf(stderr, "  FAILED: %s\n", why.c_str());
    m_failures.push_back({ std::string(scenario), std::move(why) });
}

std::string Report::markdown() const
{
    std::string text = "Commit " + m_machine.commit + ", transport " + m_machine.transport + ", "
        + std::to_string(m_machine.cores) + " × " + m_machine.processor + ", " + m_machine.kernel
        + ", database on " + m_machine.fileSystem + "; load average " + readable(m_machine.load)
        + " at the start, " + readable(m_loadAtEnd) + " at the end.\n";
    if (m_machine.isBusy())
        text += "\n**The machine was busy with other work: rates and latencies are worse than they"
                " would be alone, CPU figures somewhat.**\n";
    text += "\n| figure | with | measured | target | autopush-rs |\n|---|---|---|---|---|\n";
    for (const Row &row : m_rows) {
        const Figure &figure = *row.figure;
        text += "| " + std::string(figure.name) + " | " + row.at + " | " + readable(row.value) + ' '
            + std::string(figure.unit) + (isMet(figure, row.value) ? "" : " (missed)") + " | "
            + target(figure) + " | " + std::string(figure.autopush) + " |\n";
    }
    for (const Failure &failure : m_failures)
        text += "\nFailed: " + failure.scenario + ": " + failure.why + '\n';
    return text;
}

std::string Report::json() const
{
    std::string text = "{\n  \"commit\": " + jsonString(m_machine.commit) + ",\n  \"transport\": "
        + jsonString(m_machine.transport) + ",\n  \"cores\": " + std::to_string(m_machine.cores)
        + ",\n  \"processor\": " + jsonString(m_machine.processor)
        + ",\n  \"kernel\": " + jsonString(m_machine.kernel)
        + ",\n  \"fileSystem\": " + jsonString(m_machine.fileSystem) + ",\n  \"load\": ["
        + number(m_machine.load) + ", " + number(m_loadAtEnd) + "],\n" + "  \"figures\": [";
    const char *separator = "\n";
    for (const Row &row : m_rows) {
        const Figure &figure = *row.figure;
        text += separator;
        text += "    {\"id\": " + jsonString(figure.id) + ", \"at\": " + jsonString(row.at)
            + ", \"value\": " + number(row.value) + ", \"unit\": " + jsonString(figure.unit);
        if (figure.bound != Bound::None)
            text += ", \"target\": " + number(figure.target)
                + ", \"met\": " + (isMet(figure, row.value) ? "true" : "false");
        if (!figure.autopush.empty())
            text += ", \"autopush\": " + jsonString(figure.autopush);
        text += '}';
        separator = ",\n";
    }
    text += "\n  ],\n  \"failures\": [";
    separator = "\n";
    for (const Failure &failure : m_failures) {
        text += separator;
        text += "    {\"scenario\": " + jsonString(failure.scenario)
            + ", \"why\": " + jsonString(failure.why) + '}';
        separator = ",\n";
    }
    return text + "\n  ]\n}\n";
}

} // namespace Carillon::Bench
