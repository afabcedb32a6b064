-- Who may ask: accounts, their sessions and API tokens. Secrets are kept as hashes only: argon2id for passwords,
-- which people choose, SHA-256 for sessions and tokens, which are 256 random bits.

CREATE TABLE account (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- never given out twice: the audit log names it
    site        INTEGER NOT NULL DEFAULT 0,
    name        TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    shown_name  TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    enabled     INTEGER NOT NULL,
    must_change INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    last_login  INTEGER NOT NULL DEFAULT 0,
    password    TEXT    NOT NULL,
    preferences TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE session (
    id      TEXT    PRIMARY KEY,
    site    INTEGER NOT NULL DEFAULT 0,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    secret  BLOB    NOT NULL UNIQUE,
    begun   INTEGER NOT NULL,
    used    INTEGER NOT NULL,
    origin  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_account ON session (account);

CREATE TABLE token (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    site    INTEGER NOT NULL DEFAULT 0,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    secret  BLOB    NOT NULL UNIQUE,
    rights  TEXT    NOT NULL,            -- words with a space between
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX token_by_account ON token (account);

CREATE TABLE site (                      -- the plant as its people call it
    site      INTEGER PRIMARY KEY,
    name      TEXT    NOT NULL,
    time_zone TEXT    NOT NULL,
    dismissed INTEGER NOT NULL           -- the first run's steps are not shown again
) STRICT;
