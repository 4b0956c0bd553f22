//! Checkpoints of the audit log in a folder: a file a day, a line each, and the public keys they are verified by.

use crate::audit::{Checkpoint, CheckpointLine, PublicKey, v1};
use crate::id::LogId;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Beginnings and endings of the names of files.
const CHECKPOINTS: (&str, &str) = ("checkpoints-", ".jsonl");
const KEYS: (&str, &str) = ("audit-key-", ".pem");
/// The most public keys of a folder that are read.
const KEYS_MAX: usize = 64;
/// The largest of them, in bytes.
const KEY_BYTES_MAX: u64 = 4096;

/// What a folder says before the next checkpoint is added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// The log's newest checkpoint.
    pub newest: Option<Checkpoint>,
    /// Another log that the folder's newest checkpoint is of.
    pub other: Option<LogId>,
}

/// A folder of checkpoints.
#[derive(Debug, Clone)]
pub struct CheckpointFolder {
    root: PathBuf,
}

impl CheckpointFolder {
    /// The folder `root`; nothing is made yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Adds a checkpoint, and the key it is verified by. It is on the disk when this returns; what was written in part is
    /// taken back, as far as that can be.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn add(&self, checkpoint: &Checkpoint, key: &PublicKey) -> io::Result<()> {
        fs::create_dir_all(&self.root)?;
        self.publish(key)?;
        let day = checkpoint.at.timestamp().strftime("%Y-%m-%d");
        let path = self.root.join(format!("{}{day}{}", CHECKPOINTS.0, CHECKPOINTS.1));
        let mut file = File::options().create(true).append(true).read(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        let mut line = v1::checkpoint_line(checkpoint);
        line.push('\n');
        if length > 0 && !ends_a_line(&mut file)? {
            // What a power cut left of the line before stays what it is.
            line.insert(0, '\n');
        }
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        if written.is_err() {
            let _ = file.set_len(length);
        }
        written?;
        if length == 0 { File::open(&self.root)?.sync_all() } else { Ok(()) }
    }

    /// Publishes a key beside the checkpoints.
    fn publish(&self, key: &PublicKey) -> io::Result<()> {
        let path = self.root.join(format!("{}{}{}", KEYS.0, key.id(), KEYS.1));
        match File::options().create_new(true).write(true).open(path) {
            Ok(mut file) => file.write_all(key.pem().as_bytes()).and_then(|()| file.sync_all()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What is there for `log`, signed by `key` or by one that was published before it.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn survey(&self, log: LogId, key: &PublicKey) -> io::Result<Survey> {
        let mut keys = vec![*key];
        keys.extend(self.keys()?);
        let (mut survey, mut newest_seen) = (Survey::default(), false);
        for path in self.files()?.iter().rev() {
            let lines: Vec<_> = lines_of(path)?.collect();
            for line in lines.into_iter().rev() {
                let Ok(Some(checkpoint)) = line.read else { continue };
                let wanted = checkpoint.log == log || !newest_seen;
                if !wanted || !keys.iter().any(|key| checkpoint.is_signed_by(key)) {
                    continue;
                }
                if checkpoint.log == log {
                    survey.newest = Some(checkpoint);
                    return Ok(survey);
                }
                newest_seen = true;
                survey.other = Some(checkpoint.log);
            }
        }
        Ok(survey)
    }

    /// Every line, in the order in which they were written. What cannot be read is given as such.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn lines(&self) -> io::Result<impl Iterator<Item = CheckpointLine> + use<>> {
        let files = self.files()?.into_iter();
        Ok(files.flat_map(|path| match lines_of(&path) {
            Ok(lines) => Box::new(lines) as Box<dyn Iterator<Item = CheckpointLine>>,
            Err(error) => {
                Box::new(std::iter::once(CheckpointLine { place: name_of(&path), read: Err(error.to_string()) }))
            }
        }))
    }

    /// The public keys that lie there. Whoever can write the folder can put one there.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn keys(&self) -> io::Result<Vec<PublicKey>> {
        let mut keys = Vec::new();
        for path in self.named(KEYS)?.into_iter().take(KEYS_MAX) {
            let mut text = String::new();
            File::open(path)?.take(KEY_BYTES_MAX).read_to_string(&mut text)?;
            keys.extend(PublicKey::parse(&text));
        }
        Ok(keys)
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        self.named(CHECKPOINTS)
    }

    /// Files of these names, in order; none where there is no folder.
    fn named(&self, (begins, ends): (&str, &str)) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.root) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(begins) && n.ends_with(ends)) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn lines_of(path: &Path) -> io::Result<impl Iterator<Item = CheckpointLine> + use<>> {
    let (mut file, name, mut number) = (BufReader::new(File::open(path)?), name_of(path), 0_u64);
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        loop {
            let mut bytes = Vec::new();
            let read = (&mut file).take(v1::LINE_BYTES_MAX as u64).read_until(b'\n', &mut bytes);
            number += 1;
            let place = format!("{name}:{number}");
            match read {
                _ if ended => return None,
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => {
                    ended = true;
                    return Some(CheckpointLine { place, read: Err(error.to_string()) });
                }
            }
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\n', '\r']);
            if !text.is_empty() {
                return Some(CheckpointLine { place, read: read_line(text) });
            }
        }
    }))
}

/// A line whose end is missing was cut short in writing and vouches for nothing; any other that is no checkpoint was
/// altered.
fn read_line(text: &str) -> Result<Option<Checkpoint>, String> {
    let cut_short = text.starts_with('{') && !text.ends_with('}') || text.bytes().all(|byte| byte == 0);
    if cut_short { Ok(None) } else { v1::read_checkpoint(text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Entry, SigningKey};
    use crate::moment::Moment;

    fn signed(log: LogId, number: u64, key: &SigningKey) -> Checkpoint {
        let day = Moment::from_millis(1_795_241_000_000 + i64::try_from(number).unwrap() * 40_000_000);
        Checkpoint::sign(log, number, &Entry::first(log, day).head(), day, key)
    }

    #[test]
    fn checkpoints_are_read_in_the_order_they_were_written_and_a_torn_line_is_no_checkpoint() {
        let dir = tempfile::tempdir().unwrap();
        let folder = CheckpointFolder::at(dir.path().join("elsewhere"));
        let (key, log) = (SigningKey::fresh().unwrap().0, LogId::fresh());
        assert_eq!(folder.survey(log, &key.public()).unwrap(), Survey::default(), "no folder yet");
        for number in 1..=5 {
            folder.add(&signed(log, number, &key), &key.public()).unwrap();
            if number == 3 {
                let newest = folder.files().unwrap().pop().unwrap();
                File::options().append(true).open(newest).unwrap().write_all(b"{\"v\":1,\"log\":\"01").unwrap();
            }
        }
        let numbers: Vec<_> = folder.lines().unwrap().map(|line| line.read.unwrap().map(|c| c.number)).collect();
        assert_eq!(numbers, [Some(1), Some(2), Some(3), None, Some(4), Some(5)]);
        assert!(folder.files().unwrap().len() >= 2, "a file a day");
        assert_eq!(folder.keys().unwrap(), [key.public()]);
        assert_eq!(folder.survey(log, &key.public()).unwrap().newest.map(|c| c.number), Some(5));

        let (other_key, other) = (SigningKey::fresh().unwrap().0, LogId::fresh());
        folder.add(&signed(other, 6, &other_key), &other_key.public()).unwrap();
        let survey = folder.survey(log, &key.public()).unwrap();
        assert_eq!((survey.newest.map(|c| c.number), survey.other), (Some(5), Some(other)));
    }

    #[test]
    fn what_is_not_a_checkpoint_is_told_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("checkpoints-2026-11-21.jsonl"), "\n{}\n\u{0}\u{0}\nnothing\n").unwrap();
        std::fs::write(dir.path().join("checkpoints-2026-11-22.jsonl"), [0xff, 0xfe, b'\n']).unwrap();
        std::fs::write(dir.path().join("notes.txt"), "nothing").unwrap();
        let lines: Vec<_> = CheckpointFolder::at(dir.path()).lines().unwrap().collect();
        let told: Vec<_> = lines.iter().map(|line| (line.place.as_str(), line.read.is_err())).collect();
        let (first, second) = ("checkpoints-2026-11-21.jsonl", "checkpoints-2026-11-22.jsonl");
        let expected = [
            (format!("{first}:2"), true),
            (format!("{first}:3"), false),
            (format!("{first}:4"), true),
            (format!("{second}:1"), true),
        ];
        assert_eq!(told, expected.each_ref().map(|(place, wrong)| (place.as_str(), *wrong)));
    }

    #[test]
    fn a_full_disk_is_told_and_leaves_no_half_line() {
        let dir = tempfile::tempdir().unwrap();
        let (key, log) = (SigningKey::fresh().unwrap().0, LogId::fresh());
        let checkpoint = signed(log, 1, &key);
        let day = checkpoint.at.timestamp().strftime("%Y-%m-%d");
        std::os::unix::fs::symlink("/dev/full", dir.path().join(format!("checkpoints-{day}.jsonl"))).unwrap();
        let folder = CheckpointFolder::at(dir.path());
        let error = folder.add(&checkpoint, &key.public()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        let missing = CheckpointFolder::at(dir.path().join("audit-key-gone").join("x"));
        std::fs::write(dir.path().join("audit-key-gone"), "a file").unwrap();
        assert!(missing.add(&checkpoint, &key.public()).is_err());
    }
}
