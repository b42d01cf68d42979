-- SPDX-License-Identifier: MPL-2.0
DELETE FROM admin_token WHERE id = ? RETURNING id, CAST(name AS BLOB), role, created_at, hash;
