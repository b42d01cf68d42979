-- SPDX-License-Identifier: MPL-2.0
-- Its channels and messages are removed after it, so that the messages need not be counted down.
DELETE FROM client WHERE uaid = ?;
