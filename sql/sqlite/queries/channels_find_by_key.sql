-- SPDX-License-Identifier: MPL-2.0
SELECT uaid, chid
FROM channel
WHERE key_hash <> x'' AND substr(key_hash, 1, 8) = substr(?, 1, 8) AND key_hash = ?
LIMIT ?;
