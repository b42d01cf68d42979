-- SPDX-License-Identifier: MPL-2.0
-- Those of an expired client are the janitor's.
DELETE FROM channel
WHERE uaid = ? AND chid = ?
    AND EXISTS (SELECT 1 FROM client WHERE client.uaid = channel.uaid AND expires_at > ?);
