-- SPDX-License-Identifier: MPL-2.0
-- Nothing where the name is taken.
INSERT INTO admin_token (name, role, created_at, hash) VALUES (CAST(? AS TEXT), ?, ?, ?)
ON CONFLICT (name) DO NOTHING
RETURNING id;
