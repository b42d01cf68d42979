-- SPDX-License-Identifier: MPL-2.0
SELECT state, n FROM reliability_count;
