-- SPDX-License-Identifier: MPL-2.0
SELECT application_id, (SELECT count(*) FROM sqlite_schema)
FROM pragma_application_id();
