-- SPDX-License-Identifier: MPL-2.0
SELECT id, CAST(name AS BLOB), role, created_at, hash FROM admin_token ORDER BY id;
