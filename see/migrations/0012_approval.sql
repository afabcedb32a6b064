-- Which devices may be on the network, as persons decided it. It hangs on marks of identity, a MAC or, where a
-- device has none, an address: so it stays with the thing when devices are merged, split or found anew.

CREATE TABLE approval (
    node     INTEGER PRIMARY KEY REFERENCES node (id),
    site     INTEGER NOT NULL,
    device   INTEGER NOT NULL,     -- that it was said of
    state    INTEGER NOT NULL,     -- store::Approval
    until    INTEGER NOT NULL,     -- of temporary ones, by our clock; else 0
    reason   TEXT    NOT NULL,
    identity TEXT    NOT NULL,     -- what the device said of itself then: see/approval.h
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL
) STRICT;

-- What that comes to for a device as it is now. `why`: of one that waits, what about it nobody has decided.
ALTER TABLE shown ADD COLUMN approval        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shown ADD COLUMN approval_until  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shown ADD COLUMN approval_at     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shown ADD COLUMN approval_who    TEXT    NOT NULL DEFAULT '';
ALTER TABLE shown ADD COLUMN approval_reason TEXT    NOT NULL DEFAULT '';
ALTER TABLE shown ADD COLUMN approval_why    TEXT    NOT NULL DEFAULT 'new';
ALTER TABLE shown ADD COLUMN approval_from   TEXT    NOT NULL DEFAULT '';
ALTER TABLE shown ADD COLUMN approval_to     TEXT    NOT NULL DEFAULT '';
