-- SPDX-License-Identifier: MPL-2.0
-- Leaves expires_at alone: it is in an index, and hardly ever has to move.
UPDATE client SET node = ?, user_agent = ?, connected_at = ?, last_seen = ? WHERE uaid = ?;
