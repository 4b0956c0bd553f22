//! The last good copy of a registry, a file each: written beside its place and renamed into it.

use super::registry_fetch::Answer;
use crate::journey::{Endpoint, Oracle};
use crate::moment::Moment;
use crate::oracle::Doubt;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest copy that is read: an answer of the largest size, escaped.
const BYTES_MAX: u64 = 8 << 20;
/// What stands in a copy.
const SHAPE: &str = "registry-copy.v1";

/// An answer that was believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegistryCopy {
    pub answer: Answer,
    /// When it came.
    pub at: Moment,
    /// The most rows that were believed of late, and when there were as many.
    pub most: (usize, Moment),
    /// How later answers were doubted.
    pub doubt: Option<Doubt>,
}

/// The same as it is stored.
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    shape: String,
    address: String,
    fetched_ms: i64,
    most_rows: usize,
    most_ms: i64,
    doubted: Option<StoredDoubt>,
    media: String,
    text: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredDoubt {
    lasted_ms: u64,
    last_ms: Option<i64>,
}

/// The file of a registry: `bank.products.fund.1a2b3c4d.json`, the digits of its address. Names of apps, oracles and subjects
/// are slugs, and apps have oracles of one name.
pub(super) fn place(folder: &Path, of: &Oracle, subject: &str, endpoint: &Endpoint) -> PathBuf {
    let digest = Sha256::digest(endpoint.url.as_str());
    let digits: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    folder.join(format!("{}.{}.{subject}.{digits}.json", of.app, of.id))
}

/// The copy at `place`, if there is one that can be read.
pub(super) fn load(place: &Path) -> Option<RegistryCopy> {
    read(&fs::File::open(place).ok()?).map(|stored| RegistryCopy {
        answer: Answer { media: stored.media, text: stored.text },
        at: Moment::from_millis(stored.fetched_ms),
        most: (stored.most_rows, Moment::from_millis(stored.most_ms)),
        doubt: stored.doubted.map(|doubt| Doubt {
            lasted: Duration::from_millis(doubt.lasted_ms),
            last: doubt.last_ms.map(Moment::from_millis),
        }),
    })
}

fn read(file: &fs::File) -> Option<Stored> {
    let mut text = String::new();
    file.take(BYTES_MAX).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok().filter(|stored: &Stored| stored.shape == SHAPE)
}

/// Whether somebody has removed the copy: it is gone from a folder that is there. A disk that is not mounted has said nothing.
pub(super) fn is_removed(place: &Path) -> bool {
    place.parent().is_some_and(Path::is_dir) && matches!(place.try_exists(), Ok(false))
}

/// Writes a copy of what `address` answered, which serves for `stale_after`. What customers own is nobody else's to read.
pub(super) fn keep(place: &Path, address: &str, copy: &RegistryCopy, stale_after: Duration) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let stored = Stored {
        shape: SHAPE.to_owned(),
        address: address.to_owned(),
        fetched_ms: copy.at.as_millis(),
        most_rows: copy.most.0,
        most_ms: copy.most.1.as_millis(),
        doubted: copy.doubt.map(|doubt| StoredDoubt {
            lasted_ms: u64::try_from(doubt.lasted.as_millis()).unwrap_or(u64::MAX),
            last_ms: doubt.last.map(Moment::as_millis),
        }),
        media: copy.answer.media.clone(),
        text: copy.answer.text.clone(),
    };
    let mode = fs::Permissions::from_mode(0o600);
    let mut unfinished = tempfile::Builder::new().prefix(".unfinished-").permissions(mode).tempfile_in(folder)?;
    unfinished.write_all(&serde_json::to_vec(&stored)?)?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(place).map_err(|error| error.error)?;
    empty_others(folder, place, |at| copy.at.since(at) > stale_after)?;
    fs::File::open(folder)?.sync_all()
}

/// Copies of what the same registry answered at other addresses, once they are too old to serve: nobody reads them any more, and
/// customers' balances may stand in them. They are emptied and not removed: another robot may ask there, and takes a copy that
/// is gone for a person's word.
fn empty_others(folder: &Path, place: &Path, outdated: impl Fn(Moment) -> bool) -> io::Result<()> {
    let of = |path: &Path| {
        let (registry, digits) = path.file_name()?.to_str()?.strip_suffix(".json")?.rsplit_once('.')?;
        (digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then(|| registry.to_owned())
    };
    for other in fs::read_dir(folder)? {
        let other = other?.path();
        if other == place || of(&other).is_none_or(|registry| of(place) != Some(registry)) {
            continue;
        }
        // What was read is what is emptied, even where the other robot puts a new one in its place meanwhile.
        let file = fs::File::options().read(true).write(true).open(&other)?;
        if read(&file).is_some_and(|stored| outdated(Moment::from_millis(stored.fetched_ms))) {
            file.set_len(0)?;
        }
    }
    Ok(())
}
