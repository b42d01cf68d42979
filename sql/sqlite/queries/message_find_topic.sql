-- SPDX-License-Identifier: MPL-2.0
SELECT id, sort_key, size FROM message WHERE uaid = ? AND chid = ? AND topic = ?;
