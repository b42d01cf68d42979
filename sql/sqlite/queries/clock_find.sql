-- SPDX-License-Identifier: MPL-2.0
SELECT time, wall, since_boot, boot, known_since, known_key FROM clock;
