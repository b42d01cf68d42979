// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/loop.h"

#include <queue>
#include <random>
#include <vector>

namespace Carillon::Soak {

using Bench::Moment;

/// What is to be done when, and the chance that decides it: the same seed makes the same choices.
/// Who puts something on it outlives it. Thread: the only one.
class Agenda
{
public:
    explicit Agenda(unsigned seed) : m_random(seed) { }

    void after(std::chrono::milliseconds delay, std::function<void()> action)
    {
        m_items.push({ Bench::now() + delay, m_count++, std::move(action) });
    }
    /// Does what is due; gives when to look again.
    Moment work(Moment current)
    {
        while (!m_items.empty() && m_items.top().due <= current) {
            const std::function<void()> action = m_items.top().action;
            m_items.pop();
            action();
        }
        return current + std::chrono::milliseconds(1); // others may come at any time
    }

    /// From low to high, both included.
    int between(int low, int high) { return std::uniform_int_distribution(low, high)(m_random); }
    bool happens(double probability) { return std::bernoulli_distribution(probability)(m_random); }
    std::chrono::milliseconds pause(int least, int most)
    {
        return std::chrono::milliseconds(between(least, most));
    }

private:
    struct Item
    {
        Moment due;
        std::uint64_t number; // equal moments in the order they were asked for
        std::function<void()> action;
        bool operator<(const Item &other) const
        {
            return due != other.due ? due > other.due : number > other.number;
        }
    };

    std::priority_queue<Item> m_items;
    std::uint64_t m_count = 0;
    std::mt19937 m_random;
};

} // namespace Carillon::Soak
