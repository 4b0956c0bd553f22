//! Where a piece of evidence is: named by its content, so that it cannot be altered unseen and is stored once.

use std::fmt;

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// A picture of the page, PNG.
    Png,
    /// A picture of the page, JPEG.
    Jpeg,
    /// The page's HTML, masked.
    Html,
    /// The network, HAR 1.2.
    Har,
    /// The console, one JSON line an entry.
    Console,
}

impl EvidenceKind {
    /// The file's ending.
    pub fn ending(self) -> &'static str {
        match self {
            EvidenceKind::Png => "png",
            EvidenceKind::Jpeg => "jpg",
            EvidenceKind::Html => "html",
            EvidenceKind::Har => "har",
            EvidenceKind::Console => "jsonl",
        }
    }

    /// The media type it is served as. A page snapshot is served as plain text: opening evidence runs nothing.
    pub fn media_type(self) -> &'static str {
        match self {
            EvidenceKind::Png => "image/png",
            EvidenceKind::Jpeg => "image/jpeg",
            EvidenceKind::Html => "text/plain; charset=utf-8",
            EvidenceKind::Har | EvidenceKind::Console => "application/json",
        }
    }

    const ALL: [EvidenceKind; 5] =
        [EvidenceKind::Png, EvidenceKind::Jpeg, EvidenceKind::Html, EvidenceKind::Har, EvidenceKind::Console];
}

/// The name of a piece of evidence: the SHA-256 of its bytes and what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceKey {
    digest: String,
    kind: EvidenceKind,
}

impl EvidenceKey {
    /// The key of `bytes`.
    pub fn of(bytes: &[u8], kind: EvidenceKind) -> Self {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(bytes);
        Self { digest: digest.iter().map(|b| format!("{b:02x}")).collect(), kind }
    }

    /// What it is.
    pub fn kind(&self) -> EvidenceKind {
        self.kind
    }

    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its path below the vault, sharded by the first two digits: `ab/abcdef….png`.
    pub fn path(&self) -> String {
        format!("{}/{}.{}", &self.digest[..2], self.digest, self.kind.ending())
    }

    /// Reads `abcdef….png`; `None` when it is not a key, so that no path can be smuggled in.
    pub fn parse(name: &str) -> Option<Self> {
        let (digest, ending) = name.split_once('.')?;
        let hex = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let kind = EvidenceKind::ALL.into_iter().find(|k| k.ending() == ending)?;
        hex.then(|| Self { digest: digest.to_owned(), kind })
    }
}

impl fmt::Display for EvidenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.digest, self.kind.ending())
    }
}
