-- SPDX-License-Identifier: MPL-2.0
-- The last but one value: whether the new state is terminal.
UPDATE reliability_message
SET state = ?, changed_at = ?, expires_at = CASE WHEN ? = 0 THEN expires_at END
WHERE message = ?;
