// SPDX-License-Identifier: MPL-2.0
#include "core/base/adminrole.h"

namespace Carillon {

using namespace Qt::StringLiterals;

QString roleName(AdminRole role)
{
    switch (role) {
    case AdminRole::Viewer:
        break;
    case AdminRole::Operator:
        return u"operator"_s;
    }
    return u"viewer"_s;
}

std::optional<AdminRole> roleNamed(QStringView name)
{
    for (const AdminRole role : { AdminRole::Viewer, AdminRole::Operator }) {
        if (name == roleName(role))
            return role;
    }
    return std::nullopt;
}

} // namespace Carillon
