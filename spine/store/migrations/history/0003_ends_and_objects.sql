-- Charts of devices and lines, and who reads and writes a register, from sums and not from rows: of each two ends in
-- half hours, of each object in hours and for the whole day. The writer (sums.cpp) adds them up, a batch at once, in
-- the transaction that writes the rows; it keeps those of 0002_sums.sql in the same way, which triggers did before.
--
-- Sums of acts are REAL, as there. `refused`: 1: of rows with refusals in them.

DROP TRIGGER operation_came;
DROP TRIGGER operation_went;
DROP TRIGGER operation_changed;

CREATE TABLE sums (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    site             INTEGER NOT NULL,
    made             INTEGER NOT NULL, -- 0: the writer has yet to add up the rows that were here before these tables
    objects          INTEGER NOT NULL, -- rows of object_day
    objects_left_out INTEGER NOT NULL, -- rows of `operation` of objects beyond the limit
    pairs            INTEGER NOT NULL, -- rows of pair_now and pair_sum
    pairs_waiting    INTEGER NOT NULL, -- of pair_now
    pairs_left_out   INTEGER NOT NULL  -- more than 0: there are ends that pair_sum knows nothing of
) STRICT;
INSERT INTO sums SELECT 1, 0, NOT EXISTS (SELECT 1 FROM operation), 0, 0, 0, 0, 0;

CREATE TABLE kind_sum (          -- minute_sum in half hours
    site      INTEGER NOT NULL,
    half_hour INTEGER NOT NULL,  -- since 1970, rounded down
    act       INTEGER NOT NULL,
    protocol  TEXT    NOT NULL,
    outcome   INTEGER NOT NULL,
    refused   INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    acts      REAL    NOT NULL,
    refusals  REAL    NOT NULL,
    PRIMARY KEY (half_hour, act, protocol, outcome, refused)
) STRICT, WITHOUT ROWID;

-- The latest half hours stand close together in pair_now, so that a batch changes few pages; from there they go, a half
-- hour at once, to where they are looked for. What comes late goes through it, too: sums of both are right.
CREATE TABLE pair_now (
    site      INTEGER NOT NULL,
    half_hour INTEGER NOT NULL,
    whom      INTEGER NOT NULL,
    who       INTEGER NOT NULL,
    act       INTEGER NOT NULL,
    protocol  TEXT    NOT NULL,
    outcome   INTEGER NOT NULL,
    refused   INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    acts      REAL    NOT NULL,
    refusals  REAL    NOT NULL,
    PRIMARY KEY (half_hour, whom, who, act, protocol, outcome, refused)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_now_by_who ON pair_now (half_hour, who);

CREATE TABLE pair_sum (
    site      INTEGER NOT NULL,
    whom      INTEGER NOT NULL,
    half_hour INTEGER NOT NULL,
    who       INTEGER NOT NULL,
    act       INTEGER NOT NULL,
    protocol  TEXT    NOT NULL,
    outcome   INTEGER NOT NULL,
    refused   INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    acts      REAL    NOT NULL,
    refusals  REAL    NOT NULL,
    PRIMARY KEY (whom, half_hour, who, act, protocol, outcome, refused)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_sum_by_who ON pair_sum (who, half_hour, whom, act, protocol, outcome, refused, rows, acts, refusals);

CREATE TABLE who_sum (           -- pair_sum without those who are acted on: one may ask hundreds
    site      INTEGER NOT NULL,
    who       INTEGER NOT NULL,
    half_hour INTEGER NOT NULL,
    act       INTEGER NOT NULL,
    protocol  TEXT    NOT NULL,
    outcome   INTEGER NOT NULL,
    refused   INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    acts      REAL    NOT NULL,
    refusals  REAL    NOT NULL,
    PRIMARY KEY (who, half_hour, act, protocol, outcome, refused)
) STRICT, WITHOUT ROWID;

CREATE TABLE object_node (       -- of each node that is acted on
    whom     INTEGER PRIMARY KEY,
    site     INTEGER NOT NULL,
    objects  INTEGER NOT NULL,   -- rows of object_day
    left_out INTEGER NOT NULL    -- more than 0: there are objects that object_day knows nothing of
) STRICT;

CREATE TABLE object_day (
    site       INTEGER NOT NULL,
    whom       INTEGER NOT NULL,
    protocol   TEXT    NOT NULL,
    part       TEXT    NOT NULL,
    object     TEXT    NOT NULL,
    who        INTEGER NOT NULL,
    writes     INTEGER NOT NULL,
    acts       REAL    NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    value      TEXT    NOT NULL, -- the last one that was seen
    valued     INTEGER NOT NULL, -- `last` and `id` of its row
    valued_id  INTEGER NOT NULL,
    told       INTEGER NOT NULL, -- `last` and `id` of the latest act that was told by itself; 0: none was
    told_id    INTEGER NOT NULL,
    told_value TEXT    NOT NULL, -- a value that was told by itself
    differs    INTEGER NOT NULL, -- 1: another one was, too
    changed    INTEGER NOT NULL, -- `at` of the latest of them
    PRIMARY KEY (whom, protocol, part, object, who, writes)
) STRICT, WITHOUT ROWID;

CREATE TABLE object_hour (
    site       INTEGER NOT NULL,
    hour       INTEGER NOT NULL, -- since 1970, rounded down
    whom       INTEGER NOT NULL,
    protocol   TEXT    NOT NULL,
    part       TEXT    NOT NULL,
    object     TEXT    NOT NULL,
    who        INTEGER NOT NULL,
    writes     INTEGER NOT NULL,
    acts       REAL    NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    value      TEXT    NOT NULL,
    valued     INTEGER NOT NULL,
    valued_id  INTEGER NOT NULL,
    told       INTEGER NOT NULL,
    told_id    INTEGER NOT NULL,
    told_value TEXT    NOT NULL,
    differs    INTEGER NOT NULL,
    changed    INTEGER NOT NULL,
    PRIMARY KEY (hour, whom, protocol, part, object, who, writes)
) STRICT, WITHOUT ROWID;
