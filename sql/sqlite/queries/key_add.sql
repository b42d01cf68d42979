-- SPDX-License-Identifier: MPL-2.0
INSERT INTO counter (name, value) VALUES (printf('crypto_key_%03d', ?), ?);
