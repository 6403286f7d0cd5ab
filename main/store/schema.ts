import Database from 'better-sqlite3'

/** Grows with every change of the tables; a database says which one it has in `user_version`. */
const schemaVersion = 1

const tables = `
  CREATE TABLE log (
    revision INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    time INTEGER NOT NULL,
    value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX log_key ON log (key, revision, deleted);

  CREATE TABLE journal (
    revision INTEGER PRIMARY KEY,
    audit_id TEXT NOT NULL,
    time INTEGER NOT NULL,
    user TEXT NOT NULL,
    agent TEXT NOT NULL,
    verb TEXT NOT NULL,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    latency INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    compacted INTEGER NOT NULL,
    trimmed INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    clean INTEGER NOT NULL
  ) STRICT;
  INSERT INTO meta VALUES (1, 0, 0, 0, 0, 1);
`

/**
 * The one row of `meta`: `revision` is a lower bound for the next one, `compacted` the floor of lists and watches,
 * `trimmed` how far history has been dropped, `bytes` the size of all values, `clean` whether the last stop was orderly.
 */
export interface Meta {
  revision: number
  compacted: number
  trimmed: number
  bytes: number
  clean: 0 | 1
}

/** Reads the meta row. */
export function prepareMeta(db: Database.Database): () => Meta {
  const select = db.prepare<[], Meta>('SELECT * FROM meta')
  return () => {
    const meta = select.get()
    if (!meta) throw new Error('the database has lost its meta row')
    return meta
  }
}

/** Opens the database, making the tables in an empty one. Throws if a newer Podbay wrote it or another process has it. */
export function openDatabase(file: string): Database.Database {
  const db = new Database(file)
  try {
    // The kernel's lock on the file is what really keeps a second engine out; it also spares the shared-memory index.
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // 2 MiB, where the library sets 16: what is current is read from memory, and the system caches the file.
    db.pragma('cache_size = -2000')
    const version = db.pragma('user_version', { simple: true }) as number
    if (version > schemaVersion) {
      throw new Error(
        `${file} was written by a newer Podbay: it has schema ${version}, this one knows ${schemaVersion}`,
      )
    }
    if (version === 0) {
      db.transaction(() => {
        db.exec(tables)
        db.pragma(`user_version = ${schemaVersion}`)
      }).immediate()
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
