-- Devices as lists and maps show them: chosen values of each, made anew by the identifiers whenever something
-- about it changes, so that 5,000 of them are sorted and counted in milliseconds. What a person said (line,
-- correction) stands beside them and wins.

CREATE TABLE line (
    id   INTEGER PRIMARY KEY,
    site INTEGER NOT NULL,
    name TEXT    NOT NULL,
    UNIQUE (site, name)
) STRICT;
CREATE TABLE line_subnet (
    line    INTEGER NOT NULL REFERENCES line (id) ON DELETE CASCADE,
    site    INTEGER NOT NULL,
    network BLOB    NOT NULL CHECK (length(network) = 16),  -- IPv4 as ::ffff:a.b.c.d
    bits    INTEGER NOT NULL CHECK (bits BETWEEN 0 AND 128),
    PRIMARY KEY (site, network, bits)
) STRICT, WITHOUT ROWID;

-- A person's word about a device, hung on one of its marks, so that it stays with the thing when devices are
-- merged, split or found anew. Never overridden by a rule.
CREATE TABLE correction (
    site      INTEGER NOT NULL,
    node      INTEGER NOT NULL REFERENCES node (id),
    attribute TEXT    NOT NULL,  -- name, role, line
    value     TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    who       TEXT    NOT NULL,
    PRIMARY KEY (node, attribute)
) STRICT, WITHOUT ROWID;

CREATE TABLE shown (
    device      INTEGER PRIMARY KEY REFERENCES device (id),
    site        INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    address     TEXT    NOT NULL,  -- the one that people know it by
    address_key BLOB    NOT NULL,  -- its bytes: 10.2.0.9 comes before 10.2.0.66
    mac         TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    level       TEXT    NOT NULL,
    vendor      TEXT    NOT NULL,
    product     TEXT    NOT NULL,
    firmware    TEXT    NOT NULL,
    serial      TEXT    NOT NULL,
    os          TEXT    NOT NULL,
    protocols   TEXT    NOT NULL,  -- " modbus s7comm ": a blank on either side of each
    line        INTEGER,
    vlan        INTEGER,
    switch_port TEXT    NOT NULL,
    run_state   TEXT    NOT NULL,
    parts       INTEGER NOT NULL,
    corrected   INTEGER NOT NULL,
    state       INTEGER NOT NULL,  -- model::State
    words       TEXT    NOT NULL,  -- all that a search looks at, in lower case
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL
) STRICT;

CREATE TABLE shown_fact (        -- every value with its ground, as the device's page lists them
    device     INTEGER NOT NULL REFERENCES shown (device) ON DELETE CASCADE,
    place      INTEGER NOT NULL,
    site       INTEGER NOT NULL,
    attribute  TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    by         TEXT    NOT NULL,  -- protocol, behaviour, catalog, person
    protocol   TEXT    NOT NULL,
    rule       TEXT    NOT NULL,  -- the identifier that concluded it, with its grounds; the account of a person
    part       TEXT    NOT NULL,
    confidence INTEGER NOT NULL,
    chosen     INTEGER NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    source     INTEGER NOT NULL,
    frame      INTEGER NOT NULL,
    offset     INTEGER NOT NULL,
    PRIMARY KEY (device, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE shown_part (
    device   INTEGER NOT NULL REFERENCES shown (device) ON DELETE CASCADE,
    place    INTEGER NOT NULL,
    site     INTEGER NOT NULL,
    path     TEXT    NOT NULL,
    vendor   TEXT    NOT NULL,
    product  TEXT    NOT NULL,
    firmware TEXT    NOT NULL,
    serial   TEXT    NOT NULL,
    protocols TEXT   NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    PRIMARY KEY (device, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (            -- what a person who comes back after a day wants to know
    id        INTEGER PRIMARY KEY,
    site      INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    device    INTEGER NOT NULL REFERENCES device (id),
    peer      INTEGER,
    act       INTEGER,
    protocol  TEXT    NOT NULL,
    attribute TEXT    NOT NULL,
    old_value TEXT    NOT NULL,
    new_value TEXT    NOT NULL,
    who       TEXT    NOT NULL,
    source    INTEGER NOT NULL,
    frame     INTEGER NOT NULL
) STRICT;
CREATE INDEX change_by_time ON change (at);
CREATE INDEX change_by_device ON change (device, at);
