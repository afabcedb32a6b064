-- A day of a large plant has millions of acts. What charts add up and what rare filters look for is counted as the
-- rows come, by triggers, so that it cannot differ from them; and each way into the rows has its index.
--
-- Sums are REAL: what a sensor that fell has counted may be anything, and two of them do not fit 64 bits.

ALTER TABLE operation ADD COLUMN acts INTEGER NOT NULL DEFAULT 0; -- acts_of_operation of reading.h
UPDATE operation SET acts =
    CASE WHEN many = 0 THEN answers = 0 OR last > at OR effect > 1
         WHEN messages > answers + refusals THEN messages - answers - refusals
         WHEN messages > 1 THEN messages ELSE 0 END;

DROP INDEX operation_by_who;
DROP INDEX operation_by_whom;
CREATE INDEX operation_by_who ON operation (who, at, whom, act, acts);
CREATE INDEX operation_by_whom ON operation (whom, at, who, act, acts);
CREATE INDEX operation_by_kind ON operation (protocol, act, at);
CREATE INDEX operation_failed ON operation (at) WHERE outcome <> 1 OR refusals > 0;

CREATE TABLE minute_sum (
    site     INTEGER NOT NULL,
    act      INTEGER NOT NULL,
    protocol TEXT    NOT NULL,
    outcome  INTEGER NOT NULL,
    refused  INTEGER NOT NULL,   -- 1: of rows with refusals in them
    minute   INTEGER NOT NULL,   -- since 1970
    rows     INTEGER NOT NULL,
    acts     REAL    NOT NULL,
    refusals REAL    NOT NULL,
    PRIMARY KEY (act, protocol, outcome, refused, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE half_hour_sum (     -- what each node was asked
    site      INTEGER NOT NULL,
    half_hour INTEGER NOT NULL,  -- since 1970
    whom      INTEGER NOT NULL,
    acts      REAL    NOT NULL,
    PRIMARY KEY (half_hour, whom)
) STRICT, WITHOUT ROWID;

-- A division of SQLite goes towards zero: times before 1970 are one part further back.
INSERT INTO minute_sum
SELECT site, act, protocol, outcome, refusals > 0, at / 60000000000 - (at % 60000000000 < 0), count(*), total(acts), total(refusals)
FROM operation GROUP BY 2, 3, 4, 5, 6;
INSERT INTO half_hour_sum
SELECT site, at / 1800000000000 - (at % 1800000000000 < 0), whom, total(acts) FROM operation GROUP BY 2, 3;

CREATE TRIGGER operation_came AFTER INSERT ON operation BEGIN
    INSERT INTO minute_sum VALUES (NEW.site, NEW.act, NEW.protocol, NEW.outcome, NEW.refusals > 0,
        NEW.at / 60000000000 - (NEW.at % 60000000000 < 0), 1, NEW.acts, NEW.refusals)
    ON CONFLICT DO UPDATE SET rows = rows + 1, acts = acts + excluded.acts, refusals = refusals + excluded.refusals;
    INSERT INTO half_hour_sum VALUES (NEW.site, NEW.at / 1800000000000 - (NEW.at % 1800000000000 < 0), NEW.whom, NEW.acts)
    ON CONFLICT DO UPDATE SET acts = acts + excluded.acts;
END;
CREATE TRIGGER operation_went AFTER DELETE ON operation BEGIN
    UPDATE minute_sum SET rows = rows - 1, acts = acts - OLD.acts, refusals = refusals - OLD.refusals
    WHERE act = OLD.act AND protocol = OLD.protocol AND outcome = OLD.outcome AND refused = (OLD.refusals > 0)
    AND minute = OLD.at / 60000000000 - (OLD.at % 60000000000 < 0);
    UPDATE half_hour_sum SET acts = acts - OLD.acts
    WHERE half_hour = OLD.at / 1800000000000 - (OLD.at % 1800000000000 < 0) AND whom = OLD.whom;
END;
CREATE TRIGGER operation_changed AFTER UPDATE ON operation BEGIN
    UPDATE minute_sum SET rows = rows - 1, acts = acts - OLD.acts, refusals = refusals - OLD.refusals
    WHERE act = OLD.act AND protocol = OLD.protocol AND outcome = OLD.outcome AND refused = (OLD.refusals > 0)
    AND minute = OLD.at / 60000000000 - (OLD.at % 60000000000 < 0);
    INSERT INTO minute_sum VALUES (NEW.site, NEW.act, NEW.protocol, NEW.outcome, NEW.refusals > 0,
        NEW.at / 60000000000 - (NEW.at % 60000000000 < 0), 1, NEW.acts, NEW.refusals)
    ON CONFLICT DO UPDATE SET rows = rows + 1, acts = acts + excluded.acts, refusals = refusals + excluded.refusals;
    UPDATE half_hour_sum SET acts = acts - OLD.acts + NEW.acts
    WHERE half_hour = NEW.at / 1800000000000 - (NEW.at % 1800000000000 < 0) AND whom = NEW.whom;
END;
