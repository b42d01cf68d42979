-- SPDX-License-Identifier: MPL-2.0
INSERT OR IGNORE INTO reliability_event (message, at, state) VALUES (?, ?, ?);
