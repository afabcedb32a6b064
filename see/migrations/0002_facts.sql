-- Facts, one row for each thing that each protocol says about a node. Sources disagree: a controller calls
-- itself "V2.1" over Modbus and "2.1.0" over SNMP. Both are kept, and the one to show is chosen when it is
-- read, so that a better choice next year does not need the old captures.
--
-- Attributes are the numbers of observe::Attribute: a list of words here would need the table rebuilt for
-- each new one. Facts hang on nodes, so they stay true when devices are merged and split.

CREATE TABLE fact (
    site       INTEGER NOT NULL,
    node       INTEGER NOT NULL REFERENCES node (id),
    attribute  INTEGER NOT NULL,
    protocol   TEXT    NOT NULL,
    value      TEXT    NOT NULL CHECK (length(CAST(value AS BLOB)) <= 256),
    confidence INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    source     INTEGER NOT NULL,
    frame      INTEGER NOT NULL,
    offset     INTEGER NOT NULL,
    PRIMARY KEY (node, attribute, protocol, value)
) STRICT, WITHOUT ROWID;

-- "Which devices run this firmware?" is asked on the day of every advisory.
CREATE INDEX fact_by_value ON fact (attribute, value);

-- The first bytes of the message that a fact stands in. The oldest go first when there are too many.
CREATE TABLE evidence (
    id      INTEGER PRIMARY KEY,
    site    INTEGER NOT NULL,
    source  INTEGER NOT NULL,
    frame   INTEGER NOT NULL,
    offset  INTEGER NOT NULL,
    message BLOB    NOT NULL,
    UNIQUE (source, frame, offset)
) STRICT;
