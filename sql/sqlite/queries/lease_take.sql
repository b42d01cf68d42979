-- SPDX-License-Identifier: MPL-2.0
-- Takes or renews the lease if it is free, lapsed or ours; one that ends beyond all reason (the last
-- value) was written by a clock that has stepped back since.
INSERT INTO lease (name, holder, expires_at) VALUES ('housekeeping', ?, ?)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
WHERE lease.holder = excluded.holder OR lease.expires_at <= ? OR lease.expires_at > ?;
