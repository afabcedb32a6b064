-- The same rows with the key's columns in front: SQLite 3.40, Debian 12's, else finds "NULL value in
-- line_subnet.line" in sound rows of a table WITHOUT ROWID, and PRAGMA integrity_check is what a restored backup
-- and a fallen machine are looked at with.

CREATE TABLE line_subnet_in_order (
    site    INTEGER NOT NULL,
    network BLOB    NOT NULL CHECK (length(network) = 16),  -- IPv4 as ::ffff:a.b.c.d
    bits    INTEGER NOT NULL CHECK (bits BETWEEN 0 AND 128),
    line    INTEGER NOT NULL REFERENCES line (id) ON DELETE CASCADE,
    PRIMARY KEY (site, network, bits)
) STRICT, WITHOUT ROWID;
INSERT INTO line_subnet_in_order SELECT site, network, bits, line FROM line_subnet;
DROP TABLE line_subnet;
ALTER TABLE line_subnet_in_order RENAME TO line_subnet;
