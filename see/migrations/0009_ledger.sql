-- The ledger that the plant keeps of its equipment, as a person brought it and corrected it. It belongs to
-- persons: nothing that is seen changes it, and it outlives what was seen.

CREATE TABLE ledger (            -- one row a site
    site       INTEGER PRIMARY KEY,
    version    INTEGER NOT NULL,     -- how often it was changed
    last_entry INTEGER NOT NULL,     -- the highest id that was ever given
    name       TEXT    NOT NULL,     -- of the file that it came from
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL
) STRICT;

CREATE TABLE ledger_entry (
    id          INTEGER PRIMARY KEY,
    site        INTEGER NOT NULL,
    row         INTEGER NOT NULL,    -- of that file, 1-based; 0: made by hand
    number      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    ip          TEXT    NOT NULL,    -- several: a blank between them
    mac         TEXT    NOT NULL,
    vendor      TEXT    NOT NULL,
    product     TEXT    NOT NULL,
    serial      TEXT    NOT NULL,
    firmware    TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    line        TEXT    NOT NULL,
    place       TEXT    NOT NULL,
    department  TEXT    NOT NULL,
    owner       TEXT    NOT NULL,
    contact     TEXT    NOT NULL,
    criticality TEXT    NOT NULL,
    maintenance TEXT    NOT NULL,
    supplier    TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    accepted    TEXT    NOT NULL,    -- JSON: differences that a person knows of
    at          INTEGER NOT NULL,
    who         TEXT    NOT NULL
) STRICT;
