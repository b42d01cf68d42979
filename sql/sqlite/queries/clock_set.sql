-- SPDX-License-Identifier: MPL-2.0
INSERT OR REPLACE INTO clock (id, time, wall, since_boot, boot, known_since, known_key)
VALUES (1, ?, ?, ?, ?, ?, ?);
