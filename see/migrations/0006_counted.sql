-- How far the conversations that go on have been counted. A sensor tells what each has counted since it began; what
-- is new is the difference, also for a center that was killed in between. A row goes when its conversation ends.

CREATE TABLE counted (
    id               INTEGER PRIMARY KEY,
    site             INTEGER NOT NULL,
    source           INTEGER NOT NULL,
    conversation     INTEGER NOT NULL,   -- as its source calls it
    packets_out      INTEGER NOT NULL,
    packets_in       INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    retransmitted    INTEGER NOT NULL,
    retransmitted_in INTEGER NOT NULL,
    lost             INTEGER NOT NULL,
    lost_in          INTEGER NOT NULL,
    UNIQUE (source, conversation)
) STRICT;
