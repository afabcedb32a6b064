-- What is known of weaknesses, as somebody brought it from files, and what persons decided about them. Which device
-- has which is not here: it follows from this and from the facts, and is worked out where it is asked.

CREATE TABLE feed (              -- what was brought of each kind, latest
    kind     TEXT    NOT NULL,   -- csaf, nvd, kev, epss, support
    site     INTEGER NOT NULL,
    version  INTEGER NOT NULL,   -- how often it was changed
    name     TEXT    NOT NULL,   -- of the file
    dated    TEXT    NOT NULL,   -- what the file says of its own age; empty: nothing
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    PRIMARY KEY (site, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE advisory (
    name    TEXT    NOT NULL,    -- "ICSA-23-208-02", "CVE-2024-1234"
    site    INTEGER NOT NULL,
    kind    TEXT    NOT NULL,    -- csaf, nvd
    digest  TEXT    NOT NULL,    -- of the body: the same again is no change
    at      INTEGER NOT NULL,    -- when this body came
    body    TEXT    NOT NULL,    -- JSON in our own form
    PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE exploited (
    cve        TEXT    NOT NULL,
    site       INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    added      TEXT    NOT NULL,
    due        TEXT    NOT NULL,
    ransomware INTEGER NOT NULL,
    PRIMARY KEY (site, cve)
) STRICT, WITHOUT ROWID;

CREATE TABLE likelihood (
    cve        TEXT    NOT NULL,
    site       INTEGER NOT NULL,
    score      INTEGER NOT NULL, -- millionths
    percentile INTEGER NOT NULL,
    PRIMARY KEY (site, cve)
) STRICT, WITHOUT ROWID;

CREATE TABLE support (
    product      TEXT    NOT NULL,
    cycle        TEXT    NOT NULL,
    site         INTEGER NOT NULL,
    title        TEXT    NOT NULL,
    category     TEXT    NOT NULL,
    label        TEXT    NOT NULL,
    latest       TEXT    NOT NULL,
    active_end   TEXT    NOT NULL,
    end          TEXT    NOT NULL,
    extended_end TEXT    NOT NULL,
    PRIMARY KEY (site, product, cycle)
) STRICT, WITHOUT ROWID;

-- What a person decided about one weakness of one device, hung on one of the device's marks, so that it stays with
-- the thing when devices are merged, split or found anew.
CREATE TABLE weakness_state (
    node     INTEGER NOT NULL REFERENCES node (id),
    part     TEXT    NOT NULL,   -- of the device; empty: itself
    advisory TEXT    NOT NULL,
    site     INTEGER NOT NULL,
    state    TEXT    NOT NULL,   -- accepted, mitigated, patched; open has no row
    reason   TEXT    NOT NULL,
    until    TEXT    NOT NULL,   -- a date; empty: none
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    PRIMARY KEY (node, part, advisory)
) STRICT, WITHOUT ROWID;
