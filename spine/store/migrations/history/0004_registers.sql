-- What the values of registers were on this day, as they changed. The latest stands beside the name, so that only what
-- is another is written; the rest in runs of up to 128 changes, each told against the one before (register_run.h).

CREATE TABLE register_day (
    id       INTEGER PRIMARY KEY,
    site     INTEGER NOT NULL,
    whom     INTEGER NOT NULL,
    protocol TEXT    NOT NULL,
    part     TEXT    NOT NULL,
    object   TEXT    NOT NULL,
    value    TEXT    NOT NULL, -- the latest
    at       INTEGER NOT NULL,
    run      INTEGER NOT NULL, -- that is written into
    changes  INTEGER NOT NULL,
    left_out INTEGER NOT NULL, -- changes beyond the limit
    UNIQUE (whom, protocol, part, object)
) STRICT;

CREATE TABLE register_run (
    register INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    site     INTEGER NOT NULL,
    first    INTEGER NOT NULL, -- of its values the earliest and the latest
    last     INTEGER NOT NULL,
    many     INTEGER NOT NULL,
    changes  BLOB    NOT NULL,
    PRIMARY KEY (register, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE register_kept (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    site      INTEGER NOT NULL,
    made      INTEGER NOT NULL, -- 0: the rows that were here before are still to be gone through
    registers INTEGER NOT NULL,
    changes   INTEGER NOT NULL,
    left_out  INTEGER NOT NULL
) STRICT;
-- Of a variable: which unit or module it is of, and whether who asked for it said it.
ALTER TABLE told ADD COLUMN part TEXT NOT NULL DEFAULT '';
ALTER TABLE told ADD COLUMN writes INTEGER NOT NULL DEFAULT 0;

INSERT INTO register_kept SELECT 1, 0, NOT EXISTS (SELECT 1 FROM operation), 0, 0, 0;
