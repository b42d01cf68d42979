-- SPDX-License-Identifier: MPL-2.0
DELETE FROM message
WHERE id IN (SELECT id FROM message WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
RETURNING uaid, chid, sort_key, sender, reliability_id;
