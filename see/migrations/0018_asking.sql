-- Active queries: what a person drew up, and what was approved of it. Both are texts that see/ask reads; no secret is
-- in them. They belong to persons: nothing that is seen changes them.

CREATE TABLE asking (            -- one row a site
    site      INTEGER PRIMARY KEY,
    draft     TEXT    NOT NULL,
    version   INTEGER NOT NULL,  -- how often the draft was changed
    draft_at  INTEGER NOT NULL,
    draft_who TEXT    NOT NULL,
    plan      TEXT    NOT NULL,  -- what was approved last, with who and when; empty: nothing yet
    running   INTEGER NOT NULL   -- 0: stopped, or never approved
) STRICT;

CREATE TABLE asking_decision (
    record INTEGER PRIMARY KEY,  -- of the journal
    site   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    what   TEXT    NOT NULL,     -- approved, stopped
    why    TEXT    NOT NULL,
    plan   TEXT    NOT NULL      -- as it was approved; empty: stopped
) STRICT;
