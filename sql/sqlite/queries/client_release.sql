-- SPDX-License-Identifier: MPL-2.0
UPDATE client SET node = x'' WHERE uaid = ? AND connected_at = ?;
