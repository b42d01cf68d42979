// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"

#include <utility>
#include <variant>

/// Takes the value out of a Result, or returns its error from this function, whose own Result has
/// an error of the same type:
///
///     CARILLON_TRY(const int removed, change(SqliteStatement::MessageRemove, uaid, key));
///     return removed > 0;
///
/// It stands for several statements and so needs braces under an if or a for. The declaration may
/// be a reference (auto &&rows): the Result lives as long as the block. Where the error becomes
/// another one, say so with an if.
#define CARILLON_TRY(declaration, ...)                                                             \
    auto CARILLON_TRY_NAME(__LINE__) = (__VA_ARGS__);                                              \
    if (!CARILLON_TRY_NAME(__LINE__))                                                              \
        return ::Carillon::Unexpected(std::move(CARILLON_TRY_NAME(__LINE__)).error());             \
    declaration = *std::move(CARILLON_TRY_NAME(__LINE__))

/// The same where no value is wanted, or there is none.
#define CARILLON_TRY_VOID(...)                                                                     \
    do {                                                                                           \
        if (auto tried = (__VA_ARGS__); !tried)                                                    \
            return ::Carillon::Unexpected(std::move(tried).error());                               \
    } while (false)

#define CARILLON_TRY_NAME(line) CARILLON_TRY_PASTE(line)
#define CARILLON_TRY_PASTE(line) triedInLine##line

namespace Carillon {

/// Wraps an error on its way into a Result, as std::unexpected does.
template<typename E> class Unexpected
{
public:
    explicit constexpr Unexpected(E error) : m_error(std::move(error)) { }
    [[nodiscard]] constexpr const E &error() const & { return m_error; }
    [[nodiscard]] constexpr E &&error() && { return std::move(m_error); }

private:
    E m_error;
};

template<typename E> Unexpected(E) -> Unexpected<E>;

/// A value or the reason why there is none. Spelled like std::expected (C++23), so that it can
/// become an alias of it when the oldest supported compiler has that.
template<typename T, typename E = ErrorCode> class [[nodiscard]] Result
{
public:
    using value_type = T;
    using error_type = E;

    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) { }
    template<typename G>
    Result(Unexpected<G> unexpected)
        : m_state(std::in_place_index<1>, std::move(unexpected).error())
    {
    }

    [[nodiscard]] bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }

    /// Precondition of these: has_value().
    [[nodiscard]] const T &value() const & { return *std::get_if<0>(&m_state); }
    [[nodiscard]] T &value() & { return *std::get_if<0>(&m_state); }
    [[nodiscard]] T &&value() && { return std::move(*std::get_if<0>(&m_state)); }
    const T &operator*() const & { return value(); }
    T &operator*() & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    const T *operator->() const { return std::get_if<0>(&m_state); }
    T *operator->() { return std::get_if<0>(&m_state); }

    template<typename U> [[nodiscard]] T value_or(U &&fallback) const &
    {
        return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
    }

    /// Precondition: !has_value().
    [[nodiscard]] const E &error() const & { return *std::get_if<1>(&m_state); }
    [[nodiscard]] E &&error() && { return std::move(*std::get_if<1>(&m_state)); }

private:
    std::variant<T, E> m_state;
};

template<typename E> class [[nodiscard]] Result<void, E>
{
public:
    using value_type = void;
    using error_type = E;

    Result() = default;
    template<typename G>
    Result(Unexpected<G> unexpected)
        : m_state(std::in_place_index<1>, std::move(unexpected).error())
    {
    }

    [[nodiscard]] bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }
    /// Precondition: !has_value().
    [[nodiscard]] const E &error() const & { return *std::get_if<1>(&m_state); }
    [[nodiscard]] E &&error() && { return std::move(*std::get_if<1>(&m_state)); }

private:
    std::variant<std::monostate, E> m_state;
};

} // namespace Carillon
