-- SPDX-License-Identifier: MPL-2.0
-- Before reliability_messages_remove, for the same messages.
DELETE FROM reliability_event
WHERE message IN (SELECT message FROM reliability_message WHERE received_at < ?
                  ORDER BY received_at, message LIMIT ?);
