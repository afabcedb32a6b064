-- Who does what to whom, who talks to whom and who serves what, added up over all time; single acts stand in
-- the day files of the history.

CREATE TABLE pair (
    site     INTEGER NOT NULL,
    peer     INTEGER NOT NULL REFERENCES node (id),  -- acts
    node     INTEGER NOT NULL REFERENCES node (id),  -- is acted on
    protocol TEXT    NOT NULL,
    act      INTEGER NOT NULL,
    code     INTEGER NOT NULL,
    part     TEXT    NOT NULL,
    function TEXT    NOT NULL,
    messages INTEGER NOT NULL,
    answers  INTEGER NOT NULL,
    refusals INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    source   INTEGER NOT NULL,
    frame    INTEGER NOT NULL,
    PRIMARY KEY (peer, node, protocol, act, code, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_by_node ON pair (node);

CREATE TABLE talk (
    id          INTEGER PRIMARY KEY,
    site        INTEGER NOT NULL,
    client      INTEGER NOT NULL REFERENCES node (id),
    server      INTEGER NOT NULL REFERENCES node (id),
    protocol    TEXT    NOT NULL,
    carrier     INTEGER NOT NULL,
    port        INTEGER NOT NULL,
    vlan        INTEGER NOT NULL,
    connections INTEGER NOT NULL,
    packets_out INTEGER NOT NULL,   -- from the client
    packets_in  INTEGER NOT NULL,
    bytes_out   INTEGER NOT NULL,
    bytes_in    INTEGER NOT NULL,
    retransmitted INTEGER NOT NULL,
    lost        INTEGER NOT NULL,
    retransmitted_in INTEGER NOT NULL,
    lost_in     INTEGER NOT NULL,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    source      INTEGER NOT NULL,
    frame       INTEGER NOT NULL,
    UNIQUE (client, server, protocol, carrier, port)
) STRICT;
CREATE INDEX talk_by_server ON talk (server);
CREATE INDEX talk_by_last ON talk (last);

CREATE TABLE service (
    site      INTEGER NOT NULL,
    node      INTEGER NOT NULL REFERENCES node (id),
    protocol  TEXT    NOT NULL,
    carrier   INTEGER NOT NULL,
    port      INTEGER NOT NULL,
    first     INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    PRIMARY KEY (node, protocol, carrier, port)
) STRICT, WITHOUT ROWID;

CREATE TABLE neighbour (
    site     INTEGER NOT NULL,
    node     INTEGER NOT NULL REFERENCES node (id),
    protocol TEXT    NOT NULL,
    port     TEXT    NOT NULL,
    far_port TEXT    NOT NULL,
    far_name TEXT    NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    PRIMARY KEY (node, protocol, port, far_port, far_name)
) STRICT, WITHOUT ROWID;
