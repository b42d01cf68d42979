-- SPDX-License-Identifier: MPL-2.0
SELECT expires_at FROM client WHERE uaid = ?;
