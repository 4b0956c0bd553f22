//! Approved pictures, for a person who looks at what has changed and decides.

use crate::baseline::{KnownPicture, Shelf as _, ShelfError};
use crate::evidence::EvidenceKey;
use crate::picture;
use crate::vault::BaselineFolder;
use std::path::{Path, PathBuf};

/// So much of a key tells pictures of one page apart.
const KEY_CHARS: usize = 8;

/// The approved pictures of a folder of baselines.
pub struct Album {
    folder: BaselineFolder,
}

/// One approved picture.
pub struct Picture {
    /// The file of its baseline: `login.h5-iphone.h5.bank.example-443`.
    pub file: String,
    /// What its author calls it.
    pub name: String,
    /// What is known of it.
    pub known: KnownPicture,
}

impl Picture {
    /// Its whole name, with the beginning of the key of the picture that waits: `login.h5-iphone.h5.bank.example-443/home@1a2b3c4d`.
    pub fn shown(&self) -> String {
        let waiting = self.known.waiting.as_ref().map(|waiting| waiting.picture.to_string());
        let waiting = waiting.map(|key| format!("@{}", key.chars().take(KEY_CHARS).collect::<String>()));
        format!("{}/{}{}", self.file, self.name, waiting.unwrap_or_default())
    }

    /// Whether `words` name it: wholly, or shorter (`login/home`) where that is enough; behind an `@` must stand what waits.
    pub fn is_called(&self, words: &str) -> bool {
        let (words, key) = words.split_once('@').unwrap_or((words, ""));
        let waiting = self.known.waiting.as_ref().map(|waiting| waiting.picture.to_string()).unwrap_or_default();
        waiting.starts_with(key)
            && words.rsplit_once('/').is_some_and(|(file, name)| {
                let shorter = self.file.strip_prefix(file).is_some_and(|rest| rest.starts_with('.'));
                name == self.name && (file == self.file || shorter)
            })
    }
}

impl Album {
    /// # Errors
    /// When the folder is not there, or nothing can be kept in it.
    pub fn open(folder: &Path) -> Result<Self, ShelfError> {
        if !folder.is_dir() {
            let said = "there is no such folder: `gengfu walk --baseline DIR` makes it".into();
            return Err(ShelfError { place: folder.display().to_string(), said });
        }
        Ok(Self { folder: BaselineFolder::open(folder)? })
    }

    /// All pictures, by file and name, and what is wrong with baselines that cannot be read.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn pictures(&self) -> Result<(Vec<Picture>, Vec<ShelfError>), ShelfError> {
        let (all, damaged) = self.folder.all().await?;
        let each = all.into_iter().flat_map(|(file, baseline)| {
            let pictures = baseline.pictures().clone();
            pictures.into_iter().map(move |(name, known)| Picture { file: file.clone(), name, known })
        });
        Ok((each.collect(), damaged))
    }

    /// What waits is right: the page is to look so. `false` when nothing waits any more.
    ///
    /// # Errors
    /// When the baseline cannot be read or written.
    pub async fn approve(&self, picture: &Picture) -> Result<bool, ShelfError> {
        self.decide(picture, KnownPicture::approve).await
    }

    /// What waits is wrong: it is told for as long as it shows. `false` when nothing waits any more.
    ///
    /// # Errors
    /// When the baseline cannot be read or written.
    pub async fn reject(&self, picture: &Picture) -> Result<bool, ShelfError> {
        self.decide(picture, KnownPicture::reject).await
    }

    /// On what the person was shown, and on nothing that came since.
    async fn decide(&self, picture: &Picture, decision: fn(&mut KnownPicture) -> bool) -> Result<bool, ShelfError> {
        let shown = picture.known.waiting.clone();
        let decide = move |known: &mut KnownPicture| known.waiting == shown && decision(known);
        self.folder.decide(&picture.file, &picture.name, decide).await
    }

    /// Writes the approved picture, and the one that waits, as PNG files; gives their paths.
    ///
    /// # Errors
    /// When pixels are not kept any more, or a file cannot be written.
    pub async fn show(&self, picture: &Picture, into: &Path) -> Result<Vec<PathBuf>, ShelfError> {
        let made = tokio::fs::create_dir_all(into).await;
        made.map_err(|e| ShelfError { place: into.display().to_string(), said: e.to_string() })?;
        let waiting = picture.known.waiting.as_ref().map(|waiting| ("waiting", &waiting.picture));
        let mut files = Vec::new();
        for (which, key) in std::iter::once(("approved", &picture.known.picture)).chain(waiting) {
            let file = into.join(format!("{}.{}.{which}.png", picture.file, picture.name));
            let png = self.png(key).await?;
            let wrote = tokio::fs::write(&file, png).await;
            wrote.map_err(|e| ShelfError { place: file.display().to_string(), said: e.to_string() })?;
            files.push(file);
        }
        Ok(files)
    }

    async fn png(&self, key: &EvidenceKey) -> Result<Vec<u8>, ShelfError> {
        let trouble = |said: String| ShelfError { place: key.to_string(), said };
        let pixels = self.folder.pixels(key).await?.ok_or_else(|| trouble("it is not kept any more".into()))?;
        picture::Approved::parse(&pixels).and_then(|kept| kept.to_png()).map_err(|e| trouble(e.to_string()))
    }
}
