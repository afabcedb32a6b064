-- What the model concludes from, not only what it concluded: without it a center that starts again takes a router for
-- one more station, until traffic shows it anew. Frames of rows from before: as far as their node ever spoke.

ALTER TABLE node ADD COLUMN grounds INTEGER NOT NULL DEFAULT 0;   -- model::Ground, one bit each
ALTER TABLE node ADD COLUMN vouched INTEGER NOT NULL DEFAULT 0;   -- confidence of the best table
ALTER TABLE binding ADD COLUMN frames INTEGER NOT NULL DEFAULT 0; -- seen in a frame's header, not only told
UPDATE binding SET frames = 1 WHERE other IN (SELECT id FROM node WHERE state IN (1, 3, 4));
