// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <optional>

// Header values that are lists of items, as Crypto-Key, Encryption and Authorization have them:
// list = item *( ("," | ";") item );  item = name "=" value;  spaces around each part are nothing,
// empty items are passed over, names are case-insensitive, values may stand in quotes.
namespace Carillon {

/// The value of the first item of this name (given in lower case), without quotes and without the
/// padding of base64; nullopt: there is none. A view into header.
[[nodiscard]] std::optional<QByteArrayView> headerItem(QByteArrayView header, QByteArrayView name);

/// Whether every item has a name and a '='.
[[nodiscard]] bool isItemList(QByteArrayView header);

} // namespace Carillon
