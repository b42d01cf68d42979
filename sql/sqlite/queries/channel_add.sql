-- SPDX-License-Identifier: MPL-2.0
INSERT INTO channel (uaid, chid, key_hash, created_at) VALUES (?, ?, ?, ?)
ON CONFLICT (uaid, chid) DO UPDATE SET key_hash = excluded.key_hash;
