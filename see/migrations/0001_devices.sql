-- What we know things by and which device each mark belongs to: the rows of spine/model/rows.h. The model
-- writes them whole; after a restart it is filled from here and goes on with the journal.

CREATE TABLE node (              -- one mark of identity: a MAC, an IP in a realm, a part of another node
    id     INTEGER PRIMARY KEY,
    site   INTEGER NOT NULL,
    kind   INTEGER NOT NULL,     -- model::Node::Kind
    realm  INTEGER NOT NULL,
    mark   BLOB    NOT NULL,
    parent INTEGER NOT NULL,
    state  INTEGER NOT NULL,     -- model::State
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    CHECK (first <= last),
    UNIQUE (site, kind, realm, parent, mark)
) STRICT;
CREATE INDEX node_by_parent ON node (parent) WHERE parent <> 0;

CREATE TABLE device (            -- what a person calls one thing
    id    INTEGER PRIMARY KEY,
    site  INTEGER NOT NULL,
    state INTEGER NOT NULL,
    gone  INTEGER NOT NULL,      -- merged into another, or no device any more: its links have ended
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL
) STRICT;

-- Which device a node belonged to, when, and who says so. To merge, to split and to undo is to end links
-- and to begin others; nothing is rewritten and nothing is deleted with a device.
CREATE TABLE link (
    id       INTEGER PRIMARY KEY,
    site     INTEGER NOT NULL,
    node     INTEGER NOT NULL REFERENCES node (id),
    device   INTEGER NOT NULL REFERENCES device (id),
    begins   INTEGER NOT NULL,
    ends     INTEGER,
    by       INTEGER NOT NULL,   -- model::Link::By
    rule     TEXT    NOT NULL,   -- the identifier's name, or the account
    strength INTEGER NOT NULL,
    replaces INTEGER NOT NULL
) STRICT;
CREATE INDEX link_by_node ON link (node);
CREATE INDEX link_by_device ON link (device);

CREATE TABLE binding (           -- two marks that were seen to belong together
    site    INTEGER NOT NULL,
    mac     INTEGER NOT NULL REFERENCES node (id),
    other   INTEGER NOT NULL REFERENCES node (id),
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    vouched INTEGER NOT NULL,
    near    INTEGER NOT NULL,
    PRIMARY KEY (mac, other)
) STRICT, WITHOUT ROWID;
