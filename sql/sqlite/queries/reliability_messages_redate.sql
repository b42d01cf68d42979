-- SPDX-License-Identifier: MPL-2.0
UPDATE reliability_message
SET received_at = received_at + ?1, changed_at = changed_at + ?1, expires_at = expires_at + ?1
WHERE received_at >= ?2;
