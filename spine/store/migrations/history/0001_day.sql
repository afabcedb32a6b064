-- One day (UTC, packet time) of what happened: made from the journal, dropped as a whole file when it is too
-- old. `id` is the record's arrival, so the same record is never in here twice. Nodes are those of the state.

CREATE TABLE mark (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    arrival INTEGER NOT NULL     -- everything of this day up to here is in this file
) STRICT;
INSERT INTO mark VALUES (1, 0);

CREATE TABLE operation (
    id        INTEGER PRIMARY KEY,
    site      INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    who       INTEGER NOT NULL,  -- node that acts
    whom      INTEGER NOT NULL,  -- node that is acted on
    act       INTEGER NOT NULL,
    effect    INTEGER NOT NULL,
    protocol  TEXT    NOT NULL,
    code      INTEGER NOT NULL,
    function  TEXT    NOT NULL,
    part      TEXT    NOT NULL,
    object    TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    outcome   INTEGER NOT NULL,
    status    INTEGER NOT NULL,
    many      INTEGER NOT NULL,  -- 0: told at once; 1: a window of all others, which counts requests and answers
    messages  INTEGER NOT NULL,
    answers   INTEGER NOT NULL,
    refusals  INTEGER NOT NULL,
    changes   INTEGER NOT NULL,
    talk      INTEGER NOT NULL,  -- the conversation, as its source calls it
    pair      INTEGER NOT NULL,
    frame     INTEGER NOT NULL,
    offset    INTEGER NOT NULL,
    message   BLOB
) STRICT;
CREATE INDEX operation_by_time ON operation (at);
CREATE INDEX operation_by_who ON operation (who, at);
CREATE INDEX operation_by_whom ON operation (whom, at);
CREATE INDEX operation_pending ON operation (source, talk, pair) WHERE many = 0 AND outcome = 0 AND pair <> 0;

CREATE TABLE coverage (          -- per minute: what could be seen
    site      INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    minute    INTEGER NOT NULL,  -- its beginning
    seconds   INTEGER NOT NULL,  -- reports that came
    packets   INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,
    dropped   INTEGER NOT NULL,
    refused   INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,
    lost      INTEGER NOT NULL,
    one_sided INTEGER NOT NULL,
    PRIMARY KEY (source, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE told (              -- anomalies, names, logins, transfers, logs, matches, variables
    id       INTEGER PRIMARY KEY,
    site     INTEGER NOT NULL,
    source   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    kind     INTEGER NOT NULL,   -- journal::Kind
    who      INTEGER NOT NULL,
    whom     INTEGER NOT NULL,
    protocol TEXT    NOT NULL,
    what     TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    frame    INTEGER NOT NULL,
    offset   INTEGER NOT NULL,
    message  BLOB
) STRICT;
CREATE INDEX told_by_kind ON told (kind, at);
CREATE INDEX told_by_who ON told (who, at);
