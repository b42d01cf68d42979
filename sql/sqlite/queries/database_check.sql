-- SPDX-License-Identifier: MPL-2.0
-- A change that means nothing, but has to reach the disk.
INSERT INTO counter (name, value) VALUES ('checked_at', ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
