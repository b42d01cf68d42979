-- SPDX-License-Identifier: MPL-2.0
UPDATE client SET last_seen = ?, expires_at = ? WHERE uaid = ?;
