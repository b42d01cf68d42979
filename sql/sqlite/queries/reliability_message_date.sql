-- SPDX-License-Identifier: MPL-2.0
-- What the record of its reception says, where that comes late.
UPDATE reliability_message
SET received_at = min(received_at, ?), expires_at = CASE WHEN expires_at IS NOT NULL THEN ? END
WHERE message = ?;
