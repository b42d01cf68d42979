// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace Carillon {

template<typename Signature> class UniqueFunction;

/// A callable that is moved, never copied (std::move_only_function of C++23), so that what it
/// captured travels between threads without a copy. Empty after a move; calling an empty one is a
/// programming error.
template<typename R, typename... Args> class UniqueFunction<R(Args...)>
{
public:
    UniqueFunction() = default;
    UniqueFunction(std::nullptr_t) { }

    template<typename F>
    requires(
        !std::is_same_v<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, F &, Args...>)
        UniqueFunction(F &&function)
        : m_target(std::make_unique<Target<std::decay_t<F>>>(std::forward<F>(function)))
    {
    }

    explicit operator bool() const { return m_target != nullptr; }
    R operator()(Args... args) { return m_target->call(std::forward<Args>(args)...); }

private:
    struct Callable
    {
        virtual ~Callable() = default;
        virtual R call(Args... args) = 0;
    };
    template<typename F> struct Target final : Callable
    {
        template<typename G> explicit Target(G &&f) : function(std::forward<G>(f)) { }
        R call(Args... args) override { return function(std::forward<Args>(args)...); }
        F function;
    };

    std::unique_ptr<Callable> m_target;
};

/// Work for another thread.
using Task = UniqueFunction<void()>;

} // namespace Carillon
