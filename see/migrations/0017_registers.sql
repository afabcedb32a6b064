-- The register ledger: of each register, variable and tag that somebody read or wrote who it was, what stands in it,
-- when it changed. All of it follows from the records. What it was before is in the days (history/0004_registers.sql).
--
-- Sums of acts are REAL: what a sensor that fell has counted may be anything.

CREATE TABLE register_sum (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    site      INTEGER NOT NULL,
    registers INTEGER NOT NULL, -- rows of register
    forgotten INTEGER NOT NULL, -- that made room for others, those seen longest ago first
    left_out  INTEGER NOT NULL  -- acts on registers of devices that had as many as one may have
) STRICT;
INSERT INTO register_sum VALUES (1, 0, 0, 0, 0);

CREATE TABLE register_node (    -- of each node that has some
    whom      INTEGER PRIMARY KEY,
    site      INTEGER NOT NULL,
    registers INTEGER NOT NULL,
    left_out  INTEGER NOT NULL
) STRICT;

CREATE TABLE register_name (    -- "D100", "holding register 107": thousands of devices have the same ones
    id        INTEGER PRIMARY KEY,
    site      INTEGER NOT NULL,
    object    TEXT    NOT NULL UNIQUE,
    space     TEXT    NOT NULL, -- "D", "holding register ", in small letters; empty: it has no number
    number    INTEGER NOT NULL, -- of the first that is meant: [D100 .. D115] is D100 with 16 elements
    registers INTEGER NOT NULL
) STRICT;
CREATE INDEX register_name_by_number ON register_name (space, number);
-- Any three letters of a name lead to it. The writer keeps it: a trigger may not.
CREATE VIRTUAL TABLE register_word USING fts5 (object, content = 'register_name', content_rowid = 'id', tokenize = 'trigram');
CREATE INDEX register_name_unused ON register_name (id) WHERE registers = 0;

CREATE TABLE register (
    id         INTEGER PRIMARY KEY,
    site       INTEGER NOT NULL,
    whom       INTEGER NOT NULL, -- node whose it is
    protocol   TEXT    NOT NULL,
    part       TEXT    NOT NULL,
    name       INTEGER NOT NULL, -- of register_name
    elements   INTEGER NOT NULL, -- most that one value had; 0: no value was seen
    reads      REAL    NOT NULL,
    writes     REAL    NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    value      TEXT    NOT NULL, -- empty: none was seen
    valued     INTEGER NOT NULL, -- when it had it
    value_id   INTEGER NOT NULL, -- record that says so
    previous   TEXT    NOT NULL, -- before it changed the last time
    changed    INTEGER NOT NULL, -- 0: never
    began      INTEGER NOT NULL, -- of its changes the first; 0: none
    changes    INTEGER NOT NULL,
    least      REAL,             -- of single numbers
    most       REAL,
    readers    INTEGER NOT NULL, -- nodes
    writers    INTEGER NOT NULL,
    users_left_out INTEGER NOT NULL, -- acts of those beyond the limit
    -- The latest write that was not refused.
    written    INTEGER NOT NULL, -- 0: nobody wrote it
    written_by INTEGER NOT NULL,
    written_value  TEXT    NOT NULL,
    written_before TEXT    NOT NULL, -- what it was
    written_id     INTEGER NOT NULL, -- record
    written_code   INTEGER NOT NULL,
    written_function TEXT  NOT NULL,
    written_source INTEGER NOT NULL,
    written_frame  INTEGER NOT NULL,
    written_told   INTEGER NOT NULL, -- 1: the record is in `told`
    -- A write that no answer was seen to.
    asked      INTEGER NOT NULL,
    asked_by   INTEGER NOT NULL,
    asked_value TEXT   NOT NULL,
    asked_id   INTEGER NOT NULL,
    asked_code INTEGER NOT NULL,
    asked_function TEXT NOT NULL,
    asked_source INTEGER NOT NULL,
    asked_frame INTEGER NOT NULL,
    asked_told  INTEGER NOT NULL,
    refused    INTEGER NOT NULL, -- writes
    wrote      INTEGER NOT NULL, -- the later of written and asked
    UNIQUE (whom, protocol, part, name)
) STRICT;
CREATE INDEX register_by_change ON register (changed, id);
CREATE INDEX register_by_name ON register (name);
CREATE INDEX register_written ON register (changed, id) WHERE wrote > 0;
CREATE INDEX register_by_write ON register (wrote, id) WHERE wrote > 0;
CREATE INDEX register_by_several ON register (changed, id) WHERE writers > 1;
CREATE TRIGGER register_came AFTER INSERT ON register BEGIN
    UPDATE register_sum SET registers = registers + 1;
    UPDATE register_name SET registers = registers + 1 WHERE id = NEW.name;
    INSERT INTO register_node VALUES (NEW.whom, NEW.site, 1, 0) ON CONFLICT DO UPDATE SET registers = registers + 1;
END;
-- Not when all of them go at once: then the count is 0 before.
CREATE TRIGGER register_went AFTER DELETE ON register WHEN (SELECT registers FROM register_sum) > 0 BEGIN
    DELETE FROM register_user WHERE register = OLD.id;
    UPDATE register_name SET registers = registers - 1 WHERE id = OLD.name;
    UPDATE register_node SET registers = registers - 1 WHERE whom = OLD.whom;
    UPDATE register_sum SET registers = registers - 1;
END;

CREATE TABLE register_user (    -- who reads it, who writes it
    register INTEGER NOT NULL,
    who      INTEGER NOT NULL,
    writes   INTEGER NOT NULL,
    site     INTEGER NOT NULL,
    acts     REAL    NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    value    TEXT    NOT NULL,  -- that it wrote or got last
    PRIMARY KEY (register, who, writes)
) STRICT, WITHOUT ROWID;
CREATE INDEX register_user_by_who ON register_user (who, writes, register);
