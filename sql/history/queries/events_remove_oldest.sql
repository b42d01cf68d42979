-- SPDX-License-Identifier: MPL-2.0
-- In slices: a long transaction would keep the newest events waiting.
DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id < ? ORDER BY id LIMIT ?);
