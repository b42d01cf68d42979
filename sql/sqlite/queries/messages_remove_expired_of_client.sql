-- SPDX-License-Identifier: MPL-2.0
DELETE FROM message WHERE uaid = ? AND expires_at <= ?
RETURNING uaid, chid, sort_key, sender, reliability_id;
