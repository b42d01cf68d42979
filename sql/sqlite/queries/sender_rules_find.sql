-- SPDX-License-Identifier: MPL-2.0
SELECT key_hash, is_blocked, rate_count, rate_per, burst, since, who
FROM sender_rule
ORDER BY key_hash;
