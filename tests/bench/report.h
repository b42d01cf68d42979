// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/figures.h"
#include "tests/bench/machine.h"

#include <string>
#include <vector>

namespace Carillon::Bench {

/// What was measured, on what, and what failed.
class Report
{
public:
    explicit Report(Machine machine) : m_machine(std::move(machine)) { }

    /// id: of Figures. at: what it was measured with, "10,000 clients".
    void add(std::string_view id, double value, std::string at = {});
    void fail(std::string_view scenario, std::string why);
    void setLoadAtEnd(double load) { m_loadAtEnd = load; }
    [[nodiscard]] bool hasFailures() const { return !m_failures.empty(); }

    [[nodiscard]] std::string markdown() const;
    [[nodiscard]] std::string json() const;

private:
    struct Row
    {
        const Figure *figure;
        double value;
        std::string at;
    };
    struct Failure
    {
        std::string scenario;
        std::string why;
    };

    Machine m_machine;
    double m_loadAtEnd = 0;
    std::vector<Row> m_rows;
    std::vector<Failure> m_failures;
};

/// "12,345"; "29.2"; "0.31": as many decimals as say something.
[[nodiscard]] std::string readable(double value);

} // namespace Carillon::Bench
