-- The plant's own table, as it was brought: the ledger is given out in it again.
ALTER TABLE ledger ADD COLUMN layout_file TEXT    NOT NULL DEFAULT ''; -- of the folder ledger/; empty: none
ALTER TABLE ledger ADD COLUMN layout_name TEXT    NOT NULL DEFAULT ''; -- of the file that a person brought
ALTER TABLE ledger ADD COLUMN layout_at   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN layout_who  TEXT    NOT NULL DEFAULT '';
