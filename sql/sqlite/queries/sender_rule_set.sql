-- SPDX-License-Identifier: MPL-2.0
INSERT INTO sender_rule (key_hash, is_blocked, rate_count, rate_per, burst, since, who)
VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT))
ON CONFLICT (key_hash) DO UPDATE
SET is_blocked = excluded.is_blocked, rate_count = excluded.rate_count,
    rate_per = excluded.rate_per, burst = excluded.burst, since = excluded.since,
    who = excluded.who;
