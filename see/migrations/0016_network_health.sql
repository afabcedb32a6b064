-- What stops lines and can be seen in the traffic (see/health), who has a part in it, what the detectors
-- remember, and the rhythm of each cyclic exchange. All of it follows from the records.

CREATE TABLE health_finding (
    id       INTEGER PRIMARY KEY,
    site     INTEGER NOT NULL,
    key      TEXT    NOT NULL UNIQUE, -- the same trouble again is the same row
    kind     INTEGER NOT NULL,        -- see::health::Kind
    severity INTEGER NOT NULL,        -- 1 low, 2 medium, 3 high
    realm    INTEGER NOT NULL,
    vlan     INTEGER NOT NULL,
    address  BLOB    NOT NULL CHECK (length(address) = 16), -- all zero: it is about none
    bits     INTEGER NOT NULL CHECK (bits BETWEEN 0 AND 128),
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    until    INTEGER NOT NULL,        -- over from then on, unless it is said again
    times    INTEGER NOT NULL,
    source   INTEGER NOT NULL,
    frame    INTEGER NOT NULL,
    offset   INTEGER NOT NULL,
    facts    TEXT    NOT NULL         -- JSON object of texts: words for the sentence
) STRICT;
CREATE INDEX health_finding_by_until ON health_finding (until);

CREATE TABLE health_party (
    finding INTEGER NOT NULL REFERENCES health_finding (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    site    INTEGER NOT NULL,
    role    INTEGER NOT NULL,         -- see::health::Party::Role
    ip      BLOB    NOT NULL CHECK (length(ip) = 16),
    mac     BLOB    NOT NULL CHECK (length(mac) = 6),
    node    INTEGER NOT NULL,         -- 0: nobody the model knows
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    source  INTEGER NOT NULL,
    frame   INTEGER NOT NULL,
    offset  INTEGER NOT NULL,
    PRIMARY KEY (finding, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX health_party_by_node ON health_party (node);

CREATE TABLE health_memory (
    detector INTEGER NOT NULL,        -- number of its table
    key      BLOB    NOT NULL,
    site     INTEGER NOT NULL,
    value    BLOB    NOT NULL,
    PRIMARY KEY (detector, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE health_cycle (
    id            INTEGER PRIMARY KEY,
    site          INTEGER NOT NULL,
    key           BLOB    NOT NULL UNIQUE,
    asks          INTEGER NOT NULL,   -- nodes
    answers       INTEGER NOT NULL,
    asks_text     TEXT    NOT NULL,   -- addresses
    answers_text  TEXT    NOT NULL,
    protocol      TEXT    NOT NULL,
    function      TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    first         INTEGER NOT NULL,
    last          INTEGER NOT NULL,
    usual_us      INTEGER NOT NULL,
    usual_most_us INTEGER NOT NULL,
    now_us        INTEGER NOT NULL,
    now_most_us   INTEGER NOT NULL,
    asked         INTEGER NOT NULL,   -- in the latest minute
    answered      INTEGER NOT NULL,
    refused       INTEGER NOT NULL,
    minutes       INTEGER NOT NULL,
    event         INTEGER NOT NULL,   -- nobody asks: cyclic I/O
    source        INTEGER NOT NULL,
    frame         INTEGER NOT NULL
) STRICT;
CREATE INDEX health_cycle_by_last ON health_cycle (last);
