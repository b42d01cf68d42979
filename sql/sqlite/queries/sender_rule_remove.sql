-- SPDX-License-Identifier: MPL-2.0
DELETE FROM sender_rule WHERE key_hash = ?;
