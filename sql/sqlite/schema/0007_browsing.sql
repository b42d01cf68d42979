-- SPDX-License-Identifier: MPL-2.0
-- Indexes for administrators' lists and look-ups (core/storage/storagebrowser.h). An ordinary push
-- changes none of them. Eight bytes of a random id or a hash are enough to find it by.
CREATE INDEX channel_by_chid ON channel (substr(chid, 1, 8));

-- A hash is empty where the channel takes pushes of every sender.
CREATE INDEX channel_by_key_hash ON channel (substr(key_hash, 1, 8)) WHERE key_hash <> x'';

-- Deep queues only (DeepQueue), as each push to a client in the index moves its entry. Number and
-- row in one value, so that many equally deep queues cost no more than others.
CREATE INDEX client_by_depth ON client ((message_count << 40) + id) WHERE message_count >= 16;
