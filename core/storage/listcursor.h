// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

/// Where a list of a StorageBrowser goes on: behind the last row that was looked at.
struct ListCursor
{
    enum class List : std::uint8_t {
        ClientsById = 1,
        ClientsByExpiry,
        ClientsByDepth,
        MessagesByAge,
        MessagesByExpiry,
        MessagesOfClient,
    };
    List list {};
    Uaid uaid {};
    /// The row's sort key.
    std::int64_t key = 0;
    /// Tells rows with the same key apart.
    std::int64_t row = 0;

    [[nodiscard]] QByteArray encoded() const;
    /// nullopt: it is not one.
    [[nodiscard]] static std::optional<ListCursor> decode(QByteArrayView bytes);
    bool operator==(const ListCursor &) const = default;
};

/// The UAIDs beside a UAID in their order; nullopt: there is none.
[[nodiscard]] std::optional<Uaid> after(const Uaid &uaid);
[[nodiscard]] std::optional<Uaid> before(const Uaid &uaid);

} // namespace Carillon
