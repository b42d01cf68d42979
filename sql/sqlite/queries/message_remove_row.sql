-- SPDX-License-Identifier: MPL-2.0
DELETE FROM message WHERE id = ?
RETURNING uaid, chid, sort_key, sender, reliability_id;
