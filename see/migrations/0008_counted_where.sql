-- The row of talk that a conversation's counts stand in: its protocol is often known only after some messages, and what
-- had been counted by then goes with it. client 0: counted before this was kept.

ALTER TABLE counted ADD COLUMN client INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counted ADD COLUMN server INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counted ADD COLUMN protocol TEXT NOT NULL DEFAULT '';
ALTER TABLE counted ADD COLUMN carrier INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counted ADD COLUMN port INTEGER NOT NULL DEFAULT 0;
