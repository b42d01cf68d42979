-- SPDX-License-Identifier: MPL-2.0
UPDATE client SET node = ? WHERE uaid = ? AND connected_at = ?;
