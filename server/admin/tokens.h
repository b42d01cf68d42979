// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/adminstore.h"

#include <QByteArray>
#include <QHash>

#include <optional>

namespace Carillon {

/// The tokens in force, so that a request is judged without a look into storage. They are as old
/// as the last load(). Thread: the admin thread.
class AdminTokens
{
public:
    /// The characters of a token: "carillon_" and 256 random bits in base64url.
    [[nodiscard]] static QByteArray make();
    [[nodiscard]] static QByteArray hashOf(QByteArrayView token);

    void set(const std::vector<AdminToken> &tokens);
    /// Absent: it is not one of them.
    [[nodiscard]] std::optional<AdminToken> find(QByteArrayView token) const;
    [[nodiscard]] bool hasName(const QString &name) const;

private:
    QHash<QByteArray, AdminToken> m_tokens; // by hash
};

} // namespace Carillon
