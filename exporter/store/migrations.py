"""The state's tables, as migration scripts from version to version. Released ones are never edited."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE profile (  -- every content that was read, by its fingerprint
        partition TEXT NOT NULL,
        stage TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        spec TEXT NOT NULL,  -- scanner version and settings
        body BLOB NOT NULL,
        read_ns INTEGER NOT NULL,
        PRIMARY KEY (partition, stage, fingerprint, spec)
    ) WITHOUT ROWID;

    CREATE TABLE file (  -- what was last read of each partition and stage
        partition TEXT NOT NULL,
        stage TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        spec TEXT NOT NULL,
        arrival_ns INTEGER NOT NULL,  -- of the first content; a rewrite does not move it
        PRIMARY KEY (partition, stage)
    ) WITHOUT ROWID;

    CREATE TABLE change (  -- content that was replaced after it had been read
        id INTEGER PRIMARY KEY,
        partition TEXT NOT NULL,
        stage TEXT NOT NULL,
        at_ns INTEGER NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL
    );
    """,
    """
    -- arrival_ns is 0 until a content with rows has come
    ALTER TABLE file ADD COLUMN arrival_clock TEXT NOT NULL DEFAULT 'mtime';

    CREATE TABLE shrunk (  -- files that became smaller or came empty, and are not judged as such yet
        partition TEXT NOT NULL,
        stage TEXT NOT NULL,
        since_ns INTEGER NOT NULL,
        PRIMARY KEY (partition, stage)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE incident (  -- which people have heard of, or which ended not long ago
        id TEXT PRIMARY KEY,
        body BLOB NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE kept_day (  -- the trends' values of a day, which outlive its file
        partition TEXT PRIMARY KEY,
        content TEXT NOT NULL,
        excluded TEXT,  -- why it serves in no baseline, whatever anybody says
        body BLOB NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    -- a field was renamed
    UPDATE incident SET body = CAST(replace(CAST(body AS TEXT), '"told":', '"notified":') AS BLOB);
    """,
    """
    CREATE TABLE look (  -- the last listing: a file that it lacks came later, whatever its modification time
        stage TEXT PRIMARY KEY,
        place TEXT NOT NULL,
        at_ns INTEGER NOT NULL,
        since TEXT NOT NULL,  -- the first day that it says anything of
        unread TEXT NOT NULL  -- days whose file was there and has not been read
    ) WITHOUT ROWID;
    """,
)
