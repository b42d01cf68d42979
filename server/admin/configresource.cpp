// SPDX-License-Identifier: MPL-2.0
#include "server/admin/configresource.h"

namespace Carillon {

using namespace Qt::StringLiterals;

void addConfiguration(AdminApi &api, const QJsonArray &items)
{
    using namespace AdminTypes;
    const AdminSchema item = object({
        { u"name"_s, text(), {}, true },
        { u"value"_s, text(100'000), u"In TOML; of secrets only how many there are"_s, true },
        { u"origin"_s, text(4096), u"Where it was set: a file and line, a variable, default"_s,
          true },
        { u"default"_s, boolean(), u"Whether nobody set it"_s, true },
        { u"secret"_s, boolean(), {}, true },
        { u"description"_s, text(4096), {}, true },
    });
    api.add({ .method = "GET",
              .path = "/config",
              .operation = u"getConfiguration"_s,
              .summary = u"returns the settings in force, and where each comes from"_s,
              .answer = object({ { u"items"_s, list(item), {}, true } }),
              .handler = [&items](const AdminRequest &, const AdminResponder &responder) {
                  responder.send(QJsonObject { { u"items"_s, items } });
              } });
}

} // namespace Carillon
