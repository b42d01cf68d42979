-- SPDX-License-Identifier: MPL-2.0
-- What the clients made at one address have stored, all together, so that none of them fills the disk.
-- Their UAIDs begin with the same two bytes (core/base/ids.h). Kept by triggers, whoever changes what;
-- a row's own columns and index entries count with about the room that they take.
CREATE TABLE client_group (
    prefix BLOB PRIMARY KEY,
    bytes  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO client_group (prefix, bytes)
SELECT substr(uaid, 1, 2),
       sum(512 + message_bytes + 256 * message_count
           + 256 * (SELECT count(*) FROM channel WHERE channel.uaid = client.uaid))
FROM client
GROUP BY substr(uaid, 1, 2);

CREATE TRIGGER client_added AFTER INSERT ON client
BEGIN
    INSERT INTO client_group (prefix, bytes) VALUES (substr(NEW.uaid, 1, 2), 512)
    ON CONFLICT (prefix) DO UPDATE SET bytes = bytes + 512;
END;

CREATE TRIGGER client_removed AFTER DELETE ON client
BEGIN
    UPDATE client_group SET bytes = bytes - 512 WHERE prefix = substr(OLD.uaid, 1, 2);
END;

CREATE TRIGGER channel_added AFTER INSERT ON channel
BEGIN
    UPDATE client_group SET bytes = bytes + 256 WHERE prefix = substr(NEW.uaid, 1, 2);
END;

CREATE TRIGGER channel_removed AFTER DELETE ON channel
BEGIN
    UPDATE client_group SET bytes = bytes - 256 WHERE prefix = substr(OLD.uaid, 1, 2);
END;

DROP TRIGGER message_added;

CREATE TRIGGER message_added AFTER INSERT ON message
BEGIN
    UPDATE client
    SET message_count = message_count + 1, message_bytes = message_bytes + NEW.size
    WHERE uaid = NEW.uaid;
    UPDATE client_group SET bytes = bytes + 256 + NEW.size WHERE prefix = substr(NEW.uaid, 1, 2);
END;

DROP TRIGGER message_removed;

CREATE TRIGGER message_removed AFTER DELETE ON message
BEGIN
    UPDATE client
    SET message_count = message_count - 1, message_bytes = message_bytes - OLD.size
    WHERE uaid = OLD.uaid;
    UPDATE client_group SET bytes = bytes - 256 - OLD.size WHERE prefix = substr(OLD.uaid, 1, 2);
END;
