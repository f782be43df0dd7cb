-- What filters, sorts and searches look at, derived from the records. Triggers note which folders it is no longer
-- true of, whoever changed them; index.rs brings those up to date before the next query.
CREATE TABLE _values (
    "column" INTEGER REFERENCES columns, folder INTEGER REFERENCES folders, element INTEGER, text TEXT NOT NULL, number TEXT,
    moment INTEGER, fold TEXT NOT NULL, name TEXT, PRIMARY KEY ("column", folder, element)
) WITHOUT ROWID;
CREATE INDEX _values_folder ON _values (folder);
CREATE TABLE _vocabulary (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE TABLE _postings (
    word INTEGER REFERENCES _vocabulary, folder INTEGER REFERENCES folders, attribute INTEGER, position INTEGER,
    PRIMARY KEY (word, folder, attribute, position)
) WITHOUT ROWID;
CREATE INDEX _postings_folder ON _postings (folder);
CREATE TABLE _stale (folder INTEGER PRIMARY KEY);
CREATE TABLE _index (separators TEXT NOT NULL);
-- For readers of a data file: a row for each value of a folder, under its column's name.
CREATE VIEW folders_values AS
    SELECT record._id AS _record, record._tenant, record.id, value.key AS "column", value.value
    FROM folders AS record, json_each(record."values") AS value;
-- Documents that clients have sent with their hash, the oldest first (persisted.rs).
CREATE TABLE _documents (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, text TEXT NOT NULL);

CREATE TRIGGER _folder_added AFTER INSERT ON folders BEGIN
    INSERT OR IGNORE INTO _stale VALUES (new._id);
END;
CREATE TRIGGER _folder_changed AFTER UPDATE ON folders BEGIN
    INSERT OR IGNORE INTO _stale VALUES (new._id);
END;
CREATE TRIGGER _folder_removed AFTER DELETE ON folders BEGIN
    DELETE FROM _values WHERE folder = old._id;
    DELETE FROM _postings WHERE folder = old._id;
    DELETE FROM _stale WHERE folder = old._id;
END;
CREATE TRIGGER _column_added AFTER INSERT ON columns BEGIN
    INSERT OR IGNORE INTO _stale
        SELECT f._id FROM folders f WHERE EXISTS (SELECT 1 FROM json_each(f."values") WHERE key = new.name);
END;
CREATE TRIGGER _column_changed AFTER UPDATE OF name, type ON columns BEGIN
    INSERT OR IGNORE INTO _stale SELECT folder FROM _values WHERE "column" = old._id;
    INSERT OR IGNORE INTO _stale
        SELECT f._id FROM folders f WHERE EXISTS (SELECT 1 FROM json_each(f."values") WHERE key = new.name);
END;
CREATE TRIGGER _column_removed AFTER DELETE ON columns BEGIN
    DELETE FROM _values WHERE "column" = old._id;
    DELETE FROM _postings WHERE attribute = old._id;
END;
CREATE TRIGGER _user_added AFTER INSERT ON users BEGIN
    INSERT OR IGNORE INTO _stale
        SELECT v.folder FROM columns c JOIN _values v ON v."column" = c._id WHERE c.type = 'user' AND v.text = new.id;
END;
CREATE TRIGGER _user_changed AFTER UPDATE OF id, firstName ON users BEGIN
    INSERT OR IGNORE INTO _stale
        SELECT v.folder FROM columns c JOIN _values v ON v."column" = c._id
        WHERE c.type = 'user' AND v.text IN (old.id, new.id);
END;
CREATE TRIGGER _user_removed AFTER DELETE ON users BEGIN
    INSERT OR IGNORE INTO _stale
        SELECT v.folder FROM columns c JOIN _values v ON v."column" = c._id WHERE c.type = 'user' AND v.text = old.id;
END;
