-- SPDX-License-Identifier: MPL-2.0
DELETE FROM reliability_message
WHERE message IN (SELECT message FROM reliability_message WHERE received_at < ?
                  ORDER BY received_at, message LIMIT ?);
