-- The plant's own words for what stands in its controllers: lists of device comments and variables, as a person
-- brought them, and which controller each is of. They belong to persons: nothing that is seen changes them.

CREATE TABLE comment_head (      -- one row a site
    site      INTEGER PRIMARY KEY,
    version   INTEGER NOT NULL,  -- how often anything about them was changed
    last_list INTEGER NOT NULL   -- the highest id that was ever given
) STRICT;

CREATE TABLE comment_list (
    id       INTEGER PRIMARY KEY,
    site     INTEGER NOT NULL,
    name     TEXT    NOT NULL,   -- of the file that it came from
    file     TEXT    NOT NULL,   -- of the folder comments/: what the journal needs to make it again
    tool     TEXT    NOT NULL,
    notation TEXT    NOT NULL,
    words    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL
) STRICT;

CREATE TABLE comment_word (
    site    INTEGER NOT NULL,
    list    INTEGER NOT NULL REFERENCES comment_list (id) ON DELETE CASCADE,
    object  TEXT    NOT NULL COLLATE NOCASE,  -- as operations name it
    address TEXT    NOT NULL,                 -- as the list does
    name    TEXT    NOT NULL,
    type    TEXT    NOT NULL,
    comment TEXT    NOT NULL,
    also    INTEGER NOT NULL,                 -- 1: it only begins there, the word is of another object
    PRIMARY KEY (list, object)
) STRICT, WITHOUT ROWID;

-- Hung on one of a device's marks, as corrections are: it stays with the thing when devices are merged or found anew.
CREATE TABLE comment_use (
    site INTEGER NOT NULL,
    list INTEGER NOT NULL REFERENCES comment_list (id) ON DELETE CASCADE,
    node INTEGER NOT NULL,
    part TEXT    NOT NULL,       -- a unit or module of it; empty: all of it
    PRIMARY KEY (list, node, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX comment_use_by_node ON comment_use (node);
