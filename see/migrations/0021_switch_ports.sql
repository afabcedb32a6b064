-- Ports of switches as the switches tell of them (see/health/links.h): state, speed, errors, and who is at the
-- other end of the cable. All of it follows from the records.

CREATE TABLE switch_port (
    id            INTEGER PRIMARY KEY,
    site          INTEGER NOT NULL,
    key           BLOB    NOT NULL UNIQUE,
    node          INTEGER NOT NULL, -- the switch; 0: nobody the model knows
    system        TEXT    NOT NULL, -- what the switch calls itself
    interface     INTEGER NOT NULL, -- ifIndex
    type          INTEGER NOT NULL, -- IANAifType; 0: not told
    name          TEXT    NOT NULL,
    alias         TEXT    NOT NULL,
    admin         INTEGER NOT NULL, -- ifAdminStatus; 0: not told
    oper          INTEGER NOT NULL, -- ifOperStatus; 0: not told
    port_control  INTEGER NOT NULL, -- of 802.1X; 0: not told
    port_security INTEGER NOT NULL, -- 1 on, 2 off; 0: not told
    since         INTEGER NOT NULL, -- so is its state; 0: longer than anybody knows
    first         INTEGER NOT NULL,
    last          INTEGER NOT NULL,
    speed_mbit    INTEGER NOT NULL,
    in_bps        INTEGER NOT NULL,
    out_bps       INTEGER NOT NULL,
    errors_in     INTEGER NOT NULL,
    errors_out    INTEGER NOT NULL,
    discards_in   INTEGER NOT NULL,
    discards_out  INTEGER NOT NULL,
    errors_new    INTEGER NOT NULL, -- from counted_from to the last answer
    counted_from  INTEGER NOT NULL,
    downs         INTEGER NOT NULL, -- seen
    there         INTEGER NOT NULL, -- node at the other end; 0: nobody the model knows
    there_mac     BLOB    NOT NULL CHECK (length(there_mac) = 6),
    there_name    TEXT    NOT NULL,
    there_port    TEXT    NOT NULL,
    there_how     INTEGER NOT NULL, -- 0 nobody, 1 LLDP, 2 the switch's table of addresses
    there_at      INTEGER NOT NULL,
    source        INTEGER NOT NULL,
    frame         INTEGER NOT NULL
) STRICT;
CREATE INDEX switch_port_by_node ON switch_port (node, interface);
CREATE INDEX switch_port_by_last ON switch_port (last);
