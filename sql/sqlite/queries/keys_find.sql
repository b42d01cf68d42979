-- SPDX-License-Identifier: MPL-2.0
-- Fingerprints of the crypto keys that were last in force, the first one first.
SELECT value FROM counter WHERE name GLOB 'crypto_key_*' ORDER BY name;
