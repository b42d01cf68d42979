-- SPDX-License-Identifier: MPL-2.0
UPDATE client SET last_seen = last_seen + ?, expires_at = expires_at + ? WHERE last_seen >= ?;
