-- SPDX-License-Identifier: MPL-2.0
SELECT application_id,
       (SELECT count(*) FROM sqlite_schema) AS objects,
       (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version') AS versioned
FROM pragma_application_id();
