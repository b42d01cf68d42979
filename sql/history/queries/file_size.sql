-- SPDX-License-Identifier: MPL-2.0
-- Bytes of the pages that hold something.
SELECT (page_count - freelist_count) * page_size
FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size();
