-- What was changed, by whom, from where. Each row's hash covers the row before it (spine/store/audit.cpp), so a
-- row that is changed, taken out or put in between shows. The triggers stop mistakes, the hashes show intent.

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,          -- from 1, without gaps
    site   INTEGER NOT NULL DEFAULT 0,
    at     INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    token  TEXT    NOT NULL,
    origin TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    about  TEXT    NOT NULL,
    detail TEXT    NOT NULL,
    result TEXT    NOT NULL,
    hash   BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
