-- SPDX-License-Identifier: MPL-2.0
DELETE FROM message WHERE id IN (SELECT id FROM message WHERE uaid = ? LIMIT ?);
