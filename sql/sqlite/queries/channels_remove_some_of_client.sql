-- SPDX-License-Identifier: MPL-2.0
DELETE FROM channel WHERE id IN (SELECT id FROM channel WHERE uaid = ? LIMIT ?);
