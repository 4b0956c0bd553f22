//! Opening the file: one process, one schema, a healthy database.

use crate::incident::MissReason;
use nix::fcntl::{Flock, FlockArg};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Connection, Row};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a statement waits for another process's lock, in milliseconds.
const BUSY_MS: u32 = 5_000;
/// Readers beside the one writer.
const READERS: u32 = 4;
/// A file up to this many bytes is looked through when it is opened; a larger one takes too long.
const LOOK_THROUGH_BYTES_MAX: u64 = 256 << 20;

/// What each version of the schema adds, oldest first.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001-walks-incidents-notices.sql"),
    include_str!("migrations/0002-flapping-and-mended-journeys.sql"),
    include_str!("migrations/0003-one-incident-per-cause.sql"),
    include_str!("migrations/0004-how-sure-it-is.sql"),
    include_str!("migrations/0005-the-queue.sql"),
    include_str!("migrations/0006-audit-log.sql"),
    include_str!("migrations/0007-people.sql"),
    include_str!("migrations/0008-gathered-notices.sql"),
    include_str!("migrations/0009-feed.sql"),
    include_str!("migrations/0010-tickets.sql"),
    include_str!("migrations/0011-measures.sql"),
    include_str!("migrations/0012-pages-at-a-million-walks.sql"),
    include_str!("migrations/0013-kin.sql"),
    include_str!("migrations/0014-asked-walks.sql"),
    include_str!("migrations/0015-sign-in-provider.sql"),
    include_str!("migrations/0016-counts-that-are-kept.sql"),
    include_str!("migrations/0017-audit-page.sql"),
    include_str!("migrations/0018-who-is-vouched-for.sql"),
    include_str!("migrations/0019-signed-in-anew.sql"),
    include_str!("migrations/0020-names-that-were-anothers.sql"),
    include_str!("migrations/0021-incidents-by-owner.sql"),
    include_str!("migrations/0022-maintenance.sql"),
    include_str!("migrations/0023-audit-by-day.sql"),
];

/// Why the ledger could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the ledger `{0}` is in use by another gengfu; stop that one, or give this one its own file")]
    InUse(PathBuf),
    /// It was written by a later version.
    #[error("the ledger has schema {found}, this gengfu knows up to {known}: use the newer gengfu again")]
    Newer {
        /// The file's.
        found: i64,
        /// The newest this one knows.
        known: i64,
    },
    /// There is none to read.
    #[error("there is no ledger at `{0}`: start `gengfu serve` once, or name another file")]
    Absent(PathBuf),
    /// It is not what was written.
    #[error("the ledger is damaged ({0}): restore it from the last backup; nothing was changed")]
    Damaged(String),
    /// The file could not be used.
    #[error("the ledger `{path}` cannot be opened: {said}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        said: String,
    },
}

/// The ledger, the archive and the outbox in one SQLite file.
pub struct Store {
    /// Takes writes one at a time.
    pub(super) writer: AnyPool,
    /// Takes reads beside them.
    pub(super) readers: AnyPool,
    path: PathBuf,
    _lock: Option<Flock<File>>,
}

impl Store {
    /// Opens the file for writing, making or upgrading it as needed; no other process may have it. Slots that are
    /// still taken are marked as lost: whoever took them is dead, or the file would be locked.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        look_through(path).await?;
        let writer = connect(path, "rwc", 1).await?;
        let ready = async {
            migrate(path, &writer).await?;
            give_up_slots(path, &writer).await
        };
        let ready = ready.await;
        if ready.is_err() {
            writer.close().await;
        }
        ready?;
        let readers = connect(path, "rw", READERS).await?;
        Ok(Self { writer, readers, path: path.to_owned(), _lock: Some(lock) })
    }

    /// Opens the file for a few writes beside the process that keeps it, such as a new person. It must have this
    /// version's schema already; slots are left alone.
    pub async fn open_beside(path: &Path) -> Result<Self, OpenError> {
        if !path.is_file() {
            return Err(OpenError::Absent(path.to_owned()));
        }
        let writer = connect(path, "rw", 1).await?;
        let found = schema(path, &mut *acquire(path, &writer).await?).await?;
        refuse_newer(found)?;
        if found < MIGRATIONS.len() as i64 {
            return Err(OpenError::Unusable {
                path: path.to_owned(),
                said: "an older gengfu keeps it: stop that one first".into(),
            });
        }
        let readers = connect(path, "rw", READERS).await?;
        Ok(Self { writer, readers, path: path.to_owned(), _lock: None })
    }

    /// Opens the file for reading only, beside the process that writes it. Writes fail.
    pub async fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        if !path.is_file() {
            return Err(OpenError::Absent(path.to_owned()));
        }
        let readers = connect(path, "ro", READERS).await?;
        let found = schema(path, &mut *acquire(path, &readers).await?).await?;
        refuse_newer(found)?;
        Ok(Self { writer: readers.clone(), readers, path: path.to_owned(), _lock: None })
    }

    /// Looks through the whole file: `Ok` when every page and index is sound.
    pub async fn verify(&self) -> Result<(), OpenError> {
        sound(&mut *acquire(&self.path, &self.readers).await?, "PRAGMA integrity_check").await
    }

    /// Ends all connections; what is not written by now is not.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn lock(path: &Path) -> Result<Flock<File>, OpenError> {
    let unusable = |said: String| OpenError::Unusable { path: path.to_owned(), said };
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(|e| unusable(e.to_string()))?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    // Never removed: a file that comes and goes can be locked twice.
    let file = File::options().create(true).truncate(false).write(true).open(PathBuf::from(name));
    let file = file.map_err(|e| unusable(e.to_string()))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
        nix::errno::Errno::EWOULDBLOCK => OpenError::InUse(path.to_owned()),
        other => unusable(other.to_string()),
    })
}

fn url(path: &Path, mode: &str) -> String {
    sqlx::any::install_default_drivers();
    let shown = path.to_string_lossy();
    let escaped = percent_encoding::utf8_percent_encode(&shown, percent_encoding::NON_ALPHANUMERIC);
    format!("sqlite:{escaped}?mode={mode}")
}

async fn connect(path: &Path, mode: &str, connections: u32) -> Result<AnyPool, OpenError> {
    let reader_only = mode == "ro";
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| Box::pin(async move { prepare(connection, reader_only).await }));
    options.connect(&url(path, mode)).await.map_err(|e| refuse(path, &e))
}

async fn prepare(connection: &mut AnyConnection, reader_only: bool) -> Result<(), sqlx::Error> {
    let busy = format!("PRAGMA busy_timeout = {BUSY_MS}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(busy)).execute(&mut *connection).await?;
    sqlx::raw_sql("PRAGMA foreign_keys = ON").execute(&mut *connection).await?;
    if reader_only {
        return Ok(());
    }
    sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut *connection).await?;
    sqlx::raw_sql("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
    Ok(())
}

async fn acquire(path: &Path, pool: &AnyPool) -> Result<sqlx::pool::PoolConnection<sqlx::Any>, OpenError> {
    pool.acquire().await.map_err(|e| refuse(path, &e))
}

/// Looks at a file that is there before anything is written to it. Not through a pool, which would try again
/// and again what is damaged for good.
async fn look_through(path: &Path) -> Result<(), OpenError> {
    let bytes = std::fs::metadata(path).map_or(0, |m| m.len());
    if bytes == 0 || bytes > LOOK_THROUGH_BYTES_MAX {
        return Ok(());
    }
    let mut look = AnyConnection::connect(&url(path, "rw")).await.map_err(|e| refuse(path, &e))?;
    let found = sound(&mut look, "PRAGMA quick_check").await;
    look.close().await.map_err(|e| refuse(path, &e))?;
    found
}

async fn sound(connection: &mut AnyConnection, question: &'static str) -> Result<(), OpenError> {
    let rows = sqlx::query(question).fetch_all(connection).await.map_err(|e| OpenError::Damaged(e.to_string()))?;
    let said: Vec<String> = rows.iter().filter_map(|row| row.try_get::<String, _>(0).ok()).collect();
    if said == ["ok"] { Ok(()) } else { Err(OpenError::Damaged(said.join("; "))) }
}

/// The schema's version; 0 for an empty file.
async fn schema(path: &Path, connection: &mut AnyConnection) -> Result<i64, OpenError> {
    let made = "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY)";
    // A reader cannot make the table, and need not when it is there.
    let _ = sqlx::raw_sql(made).execute(&mut *connection).await;
    let newest = sqlx::query_scalar::<_, Option<i64>>("SELECT MAX(version) FROM schema_versions");
    Ok(newest.fetch_one(connection).await.map_err(|e| refuse(path, &e))?.unwrap_or(0))
}

fn refuse_newer(found: i64) -> Result<(), OpenError> {
    let known = MIGRATIONS.len() as i64;
    if found > known { Err(OpenError::Newer { found, known }) } else { Ok(()) }
}

/// Brings the schema up to date, each version in a transaction of its own.
async fn migrate(path: &Path, pool: &AnyPool) -> Result<(), OpenError> {
    let refuse = |e: sqlx::Error| refuse(path, &e);
    let found = schema(path, &mut *acquire(path, pool).await?).await?;
    refuse_newer(found)?;
    for (version, sql) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let mut step = pool.begin_with("BEGIN IMMEDIATE").await.map_err(refuse)?;
        sqlx::raw_sql(*sql).execute(&mut *step).await.map_err(refuse)?;
        let noted = sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)").bind(version);
        noted.execute(&mut *step).await.map_err(refuse)?;
        step.commit().await.map_err(refuse)?;
    }
    Ok(())
}

/// A dead holder's leases are not waited for: its slots are gaps from now on, and told as such; the newest of each
/// journey may be taken again.
async fn give_up_slots(path: &Path, pool: &AnyPool) -> Result<(), OpenError> {
    let lost = sqlx::query("UPDATE slots SET missed = $1, leased_until = 0 WHERE walk IS NULL AND missed IS NULL");
    let lost = lost.bind(MissReason::Lost.word()).execute(pool).await.map_err(|e| refuse(path, &e))?.rows_affected();
    if lost > 0 {
        tracing::warn!(lost, "slots of walks that a dead robot left unfinished were marked as missed");
    }
    Ok(())
}

fn refuse(path: &Path, error: &sqlx::Error) -> OpenError {
    match super::trouble::of(error) {
        crate::incident::LedgerError::Damaged(said) => OpenError::Damaged(said),
        _ => OpenError::Unusable { path: path.to_owned(), said: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger as the first `versions` migrations left it, with what `rows` put in.
    async fn older(versions: usize, rows: &[&'static str]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.db");
        let pool = connect(&path, "rwc", 1).await.unwrap();
        schema(&path, &mut acquire(&path, &pool).await.unwrap()).await.unwrap();
        for (version, sql) in (1_i64..).zip(&MIGRATIONS[..versions]) {
            sqlx::raw_sql(*sql).execute(&pool).await.unwrap();
            sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)")
                .bind(version)
                .execute(&pool)
                .await
                .unwrap();
        }
        for row in rows {
            sqlx::raw_sql(*row).execute(&pool).await.unwrap();
        }
        pool.close().await;
        (dir, path)
    }

    #[tokio::test]
    async fn who_came_in_by_the_provider_before_that_was_kept_is_known_from_the_audit_log() {
        let (_dir, path) = older(
            16,
            &[
                "INSERT INTO people (id, name, folded, role, standing, made, password) VALUES \
                 ('a', 'a', 'a', 'viewer', 'active', 1, 'x'), ('b', 'b', 'b', 'viewer', 'active', 1, NULL), \
                 ('c', 'c', 'c', 'viewer', 'active', 1, 'x')",
                "INSERT INTO identities VALUES ('https://sso', '1', 'a', 10), ('https://sso', '2', 'b', 20)",
                "INSERT INTO audit VALUES \
                 (1, 30, 'person:a', 'signed-in', 'person/a', '{\"way\":\"provider\"}', '', ''), \
                 (2, 40, 'person:a', 'signed-in', 'person/a', '{\"way\":\"provider\"}', '', ''), \
                 (3, 50, 'person:a', 'signed-in', 'person/a', '{}', '', ''), \
                 (4, 60, 'person:c', 'signed-in', 'person/c', '{}', '', ''), \
                 (5, 70, 'person:c', 'person-changed', 'person/d', '{\"what\":\"removed\",\"name\":\"Li Na\"}', '', '')",
            ],
        )
        .await;
        let store = Store::open(&path).await.unwrap();
        let rows = sqlx::query("SELECT id, joined, vouched, password_too FROM people ORDER BY id");
        let rows = rows.fetch_all(&store.readers).await.unwrap();
        let told: Vec<(String, Option<i64>, Option<i64>, i64)> =
            rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
        let expected = [("a", Some(10), Some(40), 0), ("b", Some(20), None, 0), ("c", None, None, 0)]
            .map(|(id, joined, vouched, too)| (id.to_owned(), joined, vouched, too));
        assert_eq!(told, expected);
        let former = sqlx::query_scalar::<_, String>("SELECT folded FROM former_names").fetch_all(&store.readers).await;
        assert_eq!(former.unwrap(), ["li na"]);
    }

    #[tokio::test]
    async fn every_commit_reaches_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("deep/ledger.db")).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.writer).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&store.writer).await.unwrap();
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&store.writer).await.unwrap();
        assert_eq!((mode.as_str(), synchronous, keys), ("wal", 2, 1), "WAL, FULL, foreign keys on");
    }
}
