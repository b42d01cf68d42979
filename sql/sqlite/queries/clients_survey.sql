-- SPDX-License-Identifier: MPL-2.0
SELECT id, uaid, message_count, message_bytes FROM client WHERE id > ? ORDER BY id LIMIT ?;
