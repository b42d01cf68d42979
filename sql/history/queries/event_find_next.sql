-- SPDX-License-Identifier: MPL-2.0
SELECT id, time FROM event WHERE id >= ? ORDER BY id LIMIT 1;
