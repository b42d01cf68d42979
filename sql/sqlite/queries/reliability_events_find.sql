-- SPDX-License-Identifier: MPL-2.0
SELECT state, at FROM reliability_event WHERE message = ? ORDER BY at, state;
