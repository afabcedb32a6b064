-- Where records come from, and how far this store has followed the journal. Every row has its site from the
-- beginning: plants that are joined later bring their rows along. Times are nanoseconds since 1970, UTC.

CREATE TABLE mark (              -- one row: everything in this file is the journal up to this arrival, exactly
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    arrival INTEGER NOT NULL,
    time    INTEGER NOT NULL,    -- of the latest packet, over all sources
    decided INTEGER NOT NULL     -- decisions about uploads up to here were taken, even if the rest is made again
) STRICT;
INSERT INTO mark VALUES (1, 0, 0, 0);

CREATE TABLE source (            -- one interface or file of one sensor's boot
    id           INTEGER PRIMARY KEY,
    site         INTEGER NOT NULL,
    sensor       TEXT    NOT NULL,   -- UUID
    boot         INTEGER NOT NULL,
    number       INTEGER NOT NULL,   -- as that stream's evidence calls it
    interface    TEXT    NOT NULL,
    sensor_name  TEXT    NOT NULL,
    link_type    INTEGER NOT NULL,
    realm        INTEGER NOT NULL,
    live         INTEGER NOT NULL,
    build        TEXT    NOT NULL,
    clock_offset INTEGER NOT NULL,
    upload       INTEGER NOT NULL DEFAULT 0,
    first        INTEGER NOT NULL DEFAULT 0,  -- packet time
    last         INTEGER NOT NULL DEFAULT 0,
    heard        INTEGER NOT NULL DEFAULT 0,  -- our clock, when the last record came
    packets      INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    dropped      INTEGER NOT NULL DEFAULT 0,
    refused      INTEGER NOT NULL DEFAULT 0,
    forgotten    INTEGER NOT NULL DEFAULT 0,
    lost         INTEGER NOT NULL DEFAULT 0,
    one_sided    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site, sensor, boot, number)
) STRICT;
CREATE INDEX source_by_upload ON source (upload) WHERE upload <> 0;

CREATE TABLE lost (              -- records that never came: a blind spot each
    id      INTEGER PRIMARY KEY,
    site    INTEGER NOT NULL,
    source  INTEGER NOT NULL,
    why     INTEGER NOT NULL,        -- journal::Lost::Why
    worth   INTEGER NOT NULL,
    records INTEGER NOT NULL,
    begins  INTEGER NOT NULL,
    ends    INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    site  INTEGER NOT NULL,
    name  TEXT    NOT NULL,
    value TEXT    NOT NULL,
    at    INTEGER NOT NULL,
    who   TEXT    NOT NULL,
    PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;
