//! Skimming: a WebSocket message that is too long to be read is passed over as it comes, and a short one that says
//! so stands in its place. Without this one page's console line would end the socket that all lanes share.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The method of the message that stands for one that was passed over: its `params` hold `bytes`, and the `head`.
pub(crate) const UNREAD: &str = "gengfu.unread";
/// Bytes kept of what is passed over: enough to know what it was about.
const HEAD_BYTES: usize = 4 << 10;
const CHUNK_BYTES: usize = 64 << 10;
/// The longest head of a frame.
const FRAME_HEAD_BYTES: usize = 10;

/// A connection to a WebSocket server whose frames over `bytes_max` are passed over.
pub(crate) struct Skim<S> {
    inner: S,
    bytes_max: u64,
    chunk: Box<[u8]>,
    /// What was read from the server and not looked at: `chunk[at..end]`.
    at: usize,
    end: usize,
    out: Vec<u8>,
    handed: usize,
    state: State,
}

/// Where in the server's bytes the reader stands.
enum State {
    /// In the answer to the upgrade; how much of its end has been seen.
    Upgrade(usize),
    /// At the head of a frame.
    Head(Vec<u8>),
    /// In a frame that is handed on; what is left of it.
    Frame(u64),
    /// In a frame that is passed over.
    Over { left: u64, bytes: u64, head: Vec<u8> },
}

impl<S> Skim<S> {
    pub(crate) fn new(inner: S, bytes_max: u64) -> Self {
        let chunk = vec![0; CHUNK_BYTES].into_boxed_slice();
        Self { inner, bytes_max, chunk, at: 0, end: 0, out: Vec::new(), handed: 0, state: State::Upgrade(0) }
    }

    /// Looks at what has been read, and puts what goes on into `out`.
    fn sift(&mut self) {
        while self.at < self.end {
            let seen = &self.chunk[self.at..self.end];
            match &mut self.state {
                State::Upgrade(matched) => {
                    const END: &[u8] = b"\r\n\r\n";
                    let byte = seen[0];
                    *matched = if byte == END[*matched] { *matched + 1 } else { usize::from(byte == END[0]) };
                    let over = *matched == END.len();
                    self.out.push(byte);
                    self.at += 1;
                    if over {
                        self.state = State::Head(Vec::new());
                    }
                }
                State::Head(head) => {
                    head.push(seen[0]);
                    self.at += 1;
                    if let Some(bytes) = frame_bytes(head) {
                        let head = std::mem::take(head);
                        self.state = self.begin(head, bytes);
                    }
                }
                State::Frame(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(seen.len());
                    self.out.extend_from_slice(&seen[..taken]);
                    self.at += taken;
                    *left -= taken as u64;
                    if *left == 0 {
                        self.state = State::Head(Vec::new());
                    }
                }
                State::Over { left, bytes, head } => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(seen.len());
                    let kept = taken.min(HEAD_BYTES.saturating_sub(head.len()));
                    head.extend_from_slice(&seen[..kept]);
                    self.at += taken;
                    *left -= taken as u64;
                    if *left == 0 {
                        let stand_in = stand_in(*bytes, head);
                        self.out.extend_from_slice(&stand_in);
                        self.state = State::Head(Vec::new());
                    }
                }
            }
        }
    }

    fn begin(&mut self, head: Vec<u8>, bytes: u64) -> State {
        if bytes > self.bytes_max {
            return State::Over { left: bytes, bytes, head: Vec::with_capacity(HEAD_BYTES) };
        }
        self.out.extend_from_slice(&head);
        if bytes == 0 { State::Head(Vec::new()) } else { State::Frame(bytes) }
    }
}

/// How long a frame is, once its head is whole. Servers do not mask.
fn frame_bytes(head: &[u8]) -> Option<u64> {
    let short = u64::from(head.get(1)? & 0x7f);
    let long = match short {
        126 => head.get(2..4)?,
        127 => head.get(2..FRAME_HEAD_BYTES)?,
        short => return Some(short),
    };
    Some(long.iter().fold(0, |bytes, byte| bytes << 8 | u64::from(*byte)))
}

/// A frame with a text that stands for a frame that was passed over.
fn stand_in(bytes: u64, head: &[u8]) -> Vec<u8> {
    let params = serde_json::json!({"bytes": bytes, "head": String::from_utf8_lossy(head)});
    let text = serde_json::json!({"type": "event", "method": UNREAD, "params": params}).to_string();
    // 4 KiB, each byte of which is at most six in JSON: less than 64 KiB.
    let length = u16::try_from(text.len()).expect("invariant: a head of 4 KiB makes no text of 64 KiB");
    let mut frame = vec![0x81, 126];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(text.as_bytes());
    frame
}

impl<S: AsyncRead + Unpin> AsyncRead for Skim<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.handed < this.out.len() {
                let some = (this.out.len() - this.handed).min(buf.remaining());
                buf.put_slice(&this.out[this.handed..this.handed + some]);
                this.handed += some;
                return Poll::Ready(Ok(()));
            }
            this.out.clear();
            this.handed = 0;
            let mut chunk = ReadBuf::new(&mut this.chunk);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut chunk))?;
            (this.at, this.end) = (0, chunk.filled().len());
            if this.end == 0 {
                return Poll::Ready(Ok(()));
            }
            this.sift();
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Skim<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn frame(text: &str) -> Vec<u8> {
        let mut frame = vec![0x81];
        match text.len() {
            short @ 0..126 => frame.push(u8::try_from(short).unwrap()),
            middle @ 126..65_536 => {
                frame.push(126);
                frame.extend_from_slice(&u16::try_from(middle).unwrap().to_be_bytes());
            }
            long => {
                frame.push(127);
                frame.extend_from_slice(&(long as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(text.as_bytes());
        frame
    }

    #[tokio::test]
    async fn what_is_too_long_is_passed_over_however_it_comes() {
        const UPGRADE: &[u8] = b"HTTP/1.1 101 x\r\na: b\r\n\r\n";
        let long = format!("{{\"method\":\"log.entryAdded\"}}{}", "长".repeat(70_000));
        for piece in [1, 7, 4_096, 1 << 20] {
            let (ours, mut theirs) = tokio::io::duplex(1 << 16);
            let mut sent = UPGRADE.to_vec();
            for text in ["", "short", &"m".repeat(300), &long, "after"] {
                sent.extend(frame(text));
            }
            let writing = tokio::spawn(async move {
                for part in sent.chunks(piece) {
                    theirs.write_all(part).await.unwrap();
                }
            });
            let mut skim = Skim::new(ours, 1_000);
            let mut got = Vec::new();
            skim.read_to_end(&mut got).await.unwrap();
            writing.await.unwrap();
            let mut expected = UPGRADE.to_vec();
            for text in ["", "short", &"m".repeat(300)] {
                expected.extend(frame(text));
            }
            let head = &long.as_bytes()[..HEAD_BYTES];
            expected.extend(stand_in(long.len() as u64, head));
            expected.extend(frame("after"));
            assert!(got == expected, "in pieces of {piece}");
        }
    }
}
