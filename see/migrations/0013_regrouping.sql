-- Merges and splits that persons said, with what has to be known to take them back. The newest; older ones stand.

CREATE TABLE regrouping (
    record     INTEGER PRIMARY KEY,  -- of the journal, in which it was said
    site       INTEGER NOT NULL,
    split      INTEGER NOT NULL,
    device     INTEGER NOT NULL,     -- merge: that went; split: that some of its marks left
    other      INTEGER NOT NULL,     -- merge: that stayed; split: that was made
    nodes      TEXT    NOT NULL,     -- ids of the marks, a blank between two
    first_seen TEXT    NOT NULL,     -- of these devices then
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    undone_at  INTEGER NOT NULL,     -- 0: it stands
    undone_who TEXT    NOT NULL
) STRICT;
CREATE INDEX regrouping_by_device ON regrouping (device);
CREATE INDEX regrouping_by_other ON regrouping (other);
