-- Captures that people bring. A row outlives its file: what was read from it stays until it is taken out.

CREATE TABLE upload (
    id           INTEGER PRIMARY KEY,
    site         INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    file         TEXT    NOT NULL,       -- in the folder uploads/ of the data
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'reading', 'read', 'damaged', 'failed', 'cancelled', 'removing')),
    bytes        INTEGER NOT NULL,
    bytes_read   INTEGER NOT NULL DEFAULT 0,
    boot         INTEGER NOT NULL DEFAULT 0,  -- of the sensor that reads it: the name of its stream
    packets      INTEGER NOT NULL DEFAULT 0,
    records      INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    who          TEXT    NOT NULL,
    finished     INTEGER NOT NULL DEFAULT 0,
    damage       TEXT    NOT NULL DEFAULT '',
    damage_packet INTEGER NOT NULL DEFAULT 0
) STRICT;
