-- SPDX-License-Identifier: MPL-2.0
-- It gives back one page a step, and Qt makes only one step of what has no columns.
PRAGMA incremental_vacuum(1);
