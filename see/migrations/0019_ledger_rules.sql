-- What a person said of whole groups of devices: who owns what is in a subnet or VLAN, at a port, or called so. What
-- follows from it for a device is not here, but for its line: it is worked out where it is asked, so that it goes
-- with the rule.

CREATE TABLE ledger_rule (
    id    INTEGER PRIMARY KEY,
    site  INTEGER NOT NULL,
    place INTEGER NOT NULL,    -- in the order in which they are asked
    rule  TEXT    NOT NULL,    -- as see/ledger/rules.h writes it
    at    INTEGER NOT NULL,
    who   TEXT    NOT NULL
) STRICT;

ALTER TABLE shown ADD COLUMN line_rule INTEGER NOT NULL DEFAULT 0; -- the rule by which it is on its line; 0: none
