//! Baselines in a folder: a JSON file each, written beside its place and renamed into it.

use crate::baseline::{Baseline, Sheet, SheetOf, Shelf, ShelfError, Subject};
use crate::evidence::EvidenceKey;
use async_trait::async_trait;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use url::Url;

/// The largest file that is read.
const BYTES_MAX: u64 = 16 << 20;
/// The largest picture: what a screen of the largest size takes unpacked.
const PIXELS_BYTES_MAX: u64 = 512 << 20;
/// Read by whoever may read the folder, as the umask has it.
pub(super) const READABLE: u32 = 0o666;
/// What customers see is nobody else's to read.
const PERSONAL: u32 = 0o600;
/// The folder of approved pictures.
const PICTURES: &str = "pictures";

/// What a file is called until it has its name, and the age from which nobody writes it any more.
pub(super) const UNFINISHED: &str = ".unfinished-";
const ABANDONED_AFTER: Duration = Duration::from_secs(60);
/// The file that is locked by who writes.
const LOCK: &str = ".lock";
/// How long another process may write: a thread that waits for ever is lost.
const TURN_WITHIN: Duration = Duration::from_secs(4);

/// Baselines in a folder of the machine.
#[derive(Debug, Clone)]
pub struct BaselineFolder {
    root: PathBuf,
}

impl BaselineFolder {
    /// Opens the folder, making it if need be.
    ///
    /// # Errors
    /// When it cannot be made, or nothing can be written there.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ShelfError> {
        let root = root.into();
        fs::create_dir_all(&root).and_then(|()| tempfile::tempfile_in(&root)).map_err(|e| trouble(&root, &e))?;
        sweep(&root);
        Ok(Self { root })
    }

    /// The file of a subject: `login.h5-iphone.h5.bank.example-443.json`. Journeys' names are slugs and devices' are
    /// words; of an address, host and port are what is compared.
    fn place(&self, subject: &Subject) -> PathBuf {
        self.root.join(format!("{}.{}.{}.json", subject.journey, subject.device, address(&subject.base)))
    }

    /// The file of what an app's devices show: `wealth-h5.h5.bank.example-443.figures`.
    fn sheet_of(&self, of: &SheetOf) -> PathBuf {
        self.root.join(format!("{}.{}.figures", of.app, address(&of.base)))
    }

    /// The file of an approved picture's pixels. A key is digits and an ending.
    pub(super) fn pixels_of(&self, picture: &EvidenceKey) -> PathBuf {
        self.pictures().join(format!("{picture}.approved"))
    }

    /// The folder of approved pictures.
    pub(super) fn pictures(&self) -> PathBuf {
        self.root.join(PICTURES)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }
}

#[async_trait]
impl Shelf for BaselineFolder {
    async fn read(&self, subject: &Subject) -> Result<Baseline, ShelfError> {
        let place = self.place(subject);
        off_thread(move || read(&place)).await
    }

    async fn replace(&self, subject: &Subject, was: &Baseline, with: &Baseline) -> Result<bool, ShelfError> {
        let (place, root, was, text) = (self.place(subject), self.root.clone(), was.clone(), with.to_json());
        let shelf = self.clone();
        off_thread(move || {
            fits(&place, &text, "compare fewer pictures")?;
            let _turn = take_turn(&root).map_err(|e| trouble(&root, &e))?;
            if read(&place)? != was {
                return Ok(false);
            }
            write(&root, &place, text.as_bytes(), READABLE).map_err(|e| trouble(&place, &e))?;
            shelf.sweep_pictures();
            Ok(true)
        })
        .await
    }

    async fn sheet(&self, of: &SheetOf) -> Result<Sheet, ShelfError> {
        let place = self.sheet_of(of);
        off_thread(move || read_sheet(&place)).await
    }

    async fn replace_sheet(&self, of: &SheetOf, was: &Sheet, with: &Sheet) -> Result<bool, ShelfError> {
        let (place, root, was, text) = (self.sheet_of(of), self.root.clone(), was.clone(), with.to_json());
        off_thread(move || {
            fits(&place, &text, "hold fewer figures to be alike across devices")?;
            let _turn = take_turn(&root).map_err(|e| trouble(&root, &e))?;
            if read_sheet(&place)? != was {
                return Ok(false);
            }
            write(&root, &place, text.as_bytes(), READABLE).map_err(|e| trouble(&place, &e))?;
            Ok(true)
        })
        .await
    }

    async fn pixels(&self, picture: &EvidenceKey) -> Result<Option<Vec<u8>>, ShelfError> {
        let place = self.pixels_of(picture);
        off_thread(move || match fs::metadata(&place) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Ok(about) if about.len() <= PIXELS_BYTES_MAX => fs::read(&place).map(Some).map_err(|e| trouble(&place, &e)),
            Ok(_) => Err(trouble(&place, &std::io::Error::other("it is larger than any picture"))),
            Err(error) => Err(trouble(&place, &error)),
        })
        .await
    }

    async fn keep_pixels(&self, picture: &EvidenceKey, pixels: Vec<u8>) -> Result<(), ShelfError> {
        let (place, folder) = (self.pixels_of(picture), self.pictures());
        off_thread(move || {
            // Written anew where it is kept already: that mends what is damaged, and it is as old as its last use.
            let kept = fs::create_dir_all(&folder).and_then(|()| write(&folder, &place, &pixels, PERSONAL));
            kept.map_err(|e| trouble(&place, &e))
        })
        .await
    }
}

pub(super) fn read(place: &Path) -> Result<Baseline, ShelfError> {
    let Some(text) = text_of(place)? else { return Ok(Baseline::default()) };
    Baseline::parse(&text).map_err(|error| ShelfError { place: place.display().to_string(), said: error.to_string() })
}

fn read_sheet(place: &Path) -> Result<Sheet, ShelfError> {
    let Some(text) = text_of(place)? else { return Ok(Sheet::default()) };
    Sheet::parse(&text).map_err(|error| ShelfError { place: place.display().to_string(), said: error.to_string() })
}

/// What a file says; `None` where there is none.
fn text_of(place: &Path) -> Result<Option<String>, ShelfError> {
    match fs::metadata(place) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(trouble(place, &error)),
        Ok(about) if about.len() > BYTES_MAX => {
            let said = format!("it has more than {} MiB: gengfu did not write it", BYTES_MAX >> 20);
            return Err(ShelfError { place: place.display().to_string(), said });
        }
        Ok(_) => {}
    }
    fs::read_to_string(place).map(Some).map_err(|e| trouble(place, &e))
}

/// Nothing is written that would not be read again.
fn fits(place: &Path, text: &str, instead: &str) -> Result<(), ShelfError> {
    if text.len() as u64 <= BYTES_MAX {
        return Ok(());
    }
    let said = format!("it would have more than {} MiB: {instead}", BYTES_MAX >> 20);
    Err(ShelfError { place: place.display().to_string(), said })
}

/// Host and port of an address, as a part of a file's name.
fn address(base: &str) -> String {
    let address = Url::parse(base).ok().and_then(|url| {
        let host = url.host_str()?.trim_matches(['[', ']']).replace(':', "_");
        Some(format!("{host}-{}", url.port_or_known_default()?))
    });
    address.unwrap_or_else(|| "nowhere".into())
}

/// Waits until no other process writes in the folder.
pub(super) fn take_turn(root: &Path) -> std::io::Result<Flock<File>> {
    // Never removed: a file that comes and goes can be locked twice. Another user's may be locked as it is.
    let made = File::options().create(true).truncate(false).write(true).open(root.join(LOCK));
    let mut lock = made.or_else(|error| File::open(root.join(LOCK)).map_err(|_| error))?;
    let deadline = Instant::now() + TURN_WITHIN;
    loop {
        match Flock::lock(lock, FlockArg::LockExclusiveNonblock) {
            Ok(taken) => return Ok(taken),
            Err((_, errno)) if errno != Errno::EWOULDBLOCK || Instant::now() > deadline => return Err(errno.into()),
            Err((back, _)) => lock = back,
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(super) fn write(root: &Path, place: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    // Gone with its value where it gets no name: half a baseline helps nobody.
    let mode = fs::Permissions::from_mode(mode);
    let mut unfinished = tempfile::Builder::new().prefix(UNFINISHED).permissions(mode).tempfile_in(root)?;
    unfinished.write_all(bytes)?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(place).map_err(|e| e.error)?;
    File::open(root)?.sync_all()
}

/// Removes what writers left that were killed.
fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let written = entry.metadata().and_then(|about| about.modified());
        let old = written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED_AFTER));
        if old && entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ShelfError> + Send + 'static,
) -> Result<T, ShelfError> {
    let ended = |e: tokio::task::JoinError| ShelfError { place: "of this walk".into(), said: e.to_string() };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(ended(e)))
}

pub(super) fn trouble(place: &Path, error: &std::io::Error) -> ShelfError {
    ShelfError { place: place.display().to_string(), said: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, expected: &str) {
        let folder = BaselineFolder { root: PathBuf::from("b") };
        let subject = Subject { journey: "login".parse().unwrap(), device: "h5-iphone".into(), base: base.into() };
        assert_eq!(folder.place(&subject), Path::new("b").join(expected));
    }

    #[test]
    fn each_address_has_its_own_file() {
        check("https://h5.bank.example", "login.h5-iphone.h5.bank.example-443.json");
        check("http://127.0.0.1:8080/app", "login.h5-iphone.127.0.0.1-8080.json");
        check("http://[::1]:80", "login.h5-iphone.__1-80.json");
        check("", "login.h5-iphone.nowhere.json");
    }

    #[tokio::test]
    async fn what_devices_show_is_kept_unless_others_have_written() {
        let root = tempfile::tempdir().unwrap();
        let folder = BaselineFolder::open(root.path()).unwrap();
        let of = SheetOf { app: "wealth-h5".into(), base: "https://h5.bank.example".into() };
        let text = r#"{"shape": "figures.v1", "figures": [{"topic": "products/fund.nav", "key": "A1",
            "devices": {"desktop": {"value": {"figure": "1.50"}, "since": 1, "newest": 2}}}]}"#;
        let (nothing, sheet) = (Sheet::default(), Sheet::parse(text).unwrap());
        assert!(folder.replace_sheet(&of, &nothing, &sheet).await.unwrap());
        assert!(!folder.replace_sheet(&of, &nothing, &sheet).await.unwrap());
        assert_eq!(folder.sheet(&of).await.unwrap(), sheet);
        assert!(root.path().join("wealth-h5.h5.bank.example-443.figures").is_file());
        // What would not be read again is not written.
        let long =
            Sheet::parse(&text.replace(r#"{"figure": "1.50"}"#, &format!(r#"{{"text": "{}"}}"#, "x".repeat(17 << 20))));
        assert!(folder.replace_sheet(&of, &sheet, &long.unwrap()).await.is_err());
        assert_eq!(folder.sheet(&of).await.unwrap(), sheet);
        // It is no baseline of a journey.
        assert_eq!(folder.all().await.unwrap().0.len(), 0);
    }
}
