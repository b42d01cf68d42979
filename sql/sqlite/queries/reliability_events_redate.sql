-- SPDX-License-Identifier: MPL-2.0
-- Before reliability_messages_redate.
UPDATE OR REPLACE reliability_event SET at = at + ?
WHERE message IN (SELECT message FROM reliability_message WHERE received_at >= ?);
