-- SPDX-License-Identifier: MPL-2.0
SELECT chid, key_hash, created_at FROM channel WHERE uaid = ? ORDER BY chid;
