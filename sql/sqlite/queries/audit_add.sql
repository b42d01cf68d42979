-- SPDX-License-Identifier: MPL-2.0
INSERT INTO audit (time, who, action, target, result, detail)
VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT));
