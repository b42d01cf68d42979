-- SPDX-License-Identifier: MPL-2.0
SELECT uaid FROM client WHERE expires_at <= ? ORDER BY expires_at LIMIT 1;
