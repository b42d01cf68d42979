-- SPDX-License-Identifier: MPL-2.0
DELETE FROM counter WHERE name GLOB 'crypto_key_*';
