-- SPDX-License-Identifier: MPL-2.0
-- With the moment at which the client's newest connection began.
SELECT (SELECT connected_at FROM client WHERE uaid = ?), count(*)
FROM channel
WHERE uaid = ? AND chid <> ?;
