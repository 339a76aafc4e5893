//! Stands between a camera and the library that speaks RTSP with it, and lets through only what is bounded.
//!
//! The library connects to a port of this computer; the relay is connected to the camera, at an address that was looked
//! at. It reads along: a camera that announces a huge answer, or sends on and on without a whole picture, is cut off
//! before the library would hold all of it in memory. How the camera answered is kept for whoever tells people.

use outbound::Line;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// So many bytes may come without a whole picture: far more than any picture has.
const MAX_UNSEEN: usize = 16 * 1024 * 1024;

/// Largest body of an answer; descriptions have a few kilobytes.
const MAX_BODY: u64 = 256 * 1024;

/// So much of what comes first is looked at for answers; then it is pictures.
const ANSWERS_WITHIN: usize = 64 * 1024;

/// The header that says how long a body is.
const LENGTH: &[u8] = b"content-length";

/// Longest that may stand between the name of the header and the end of its line.
const LENGTH_LINE: usize = 64;

/// Why a camera was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// An answer that would be far too long, or does not say clearly how long it is.
    Answer,
    /// Bytes on and on, and no whole picture.
    Endless,
}

/// What the relay has seen so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    unseen: AtomicUsize,
    cut: Mutex<Option<Cut>>,
    answers: Mutex<Vec<u8>>,
}

impl Seen {
    /// Notes that a whole picture came out at the far end.
    pub(crate) fn picture(&self) {
        self.unseen.store(0, Ordering::Relaxed);
    }

    /// Returns why the camera was cut off.
    pub(crate) fn cut(&self) -> Option<Cut> {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the status of the camera's last answer, and where it points to if it says so.
    pub(crate) fn answer(&self) -> Option<(u16, Option<String>)> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&answers);
        let last = text.rfind("RTSP/1.0 ").map(|at| &text[at + "RTSP/1.0 ".len()..])?;
        let status = last.get(..3)?.parse().ok()?;
        let location = last.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        Some((status, location))
    }

    /// Takes note of bytes of the camera.
    fn note(&self, bytes: &[u8], lengths: &mut Lengths) -> Result<(), Cut> {
        let unseen = self.unseen.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let room = ANSWERS_WITHIN - answers.len();
        answers.extend_from_slice(&bytes[..bytes.len().min(room)]);
        drop(answers);
        lengths.take(bytes)?;
        if unseen > MAX_UNSEEN { Err(Cut::Endless) } else { Ok(()) }
    }

    fn cut_off(&self, cut: Cut) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(cut);
    }
}

/// Finds what a stream says of lengths, wherever it stands: so it does not matter where the library takes an answer to
/// begin or to end. In pictures these words do not occur.
#[derive(Debug, Default)]
struct Lengths {
    /// So many letters of the name have come.
    matched: usize,
    /// What came behind the name.
    line: Option<Vec<u8>>,
}

impl Lengths {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Cut> {
        for &byte in bytes {
            match &mut self.line {
                Some(line) if matches!(byte, b'\r' | b'\n') => {
                    let told = std::str::from_utf8(line).ok().and_then(|line| line.trim().strip_prefix(':'));
                    let length = told.and_then(|told| told.trim().parse::<u64>().ok());
                    if length.is_none_or(|length| length > MAX_BODY) {
                        return Err(Cut::Answer);
                    }
                    self.line = None;
                }
                Some(line) if line.len() >= LENGTH_LINE => return Err(Cut::Answer),
                Some(line) => line.push(byte),
                None => {
                    let letter = byte.to_ascii_lowercase();
                    // No letter of the name but the first begins it anew.
                    self.matched = if letter == LENGTH[self.matched] {
                        self.matched + 1
                    } else {
                        usize::from(letter == LENGTH[0])
                    };
                    if self.matched == LENGTH.len() {
                        (self.matched, self.line) = (0, Some(Vec::new()));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Begins to stand in for a camera, and counts what goes over its line. Returns the port of this computer at which it
/// does, for one connection.
pub(crate) async fn start(camera: TcpStream, line: Line) -> io::Result<(u16, Arc<Seen>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let seen = Arc::new(Seen::default());
    let theirs = seen.clone();
    tokio::spawn(async move {
        let Ok((near, _)) = listener.accept().await else { return };
        drop(listener);
        let ((from_camera, to_camera), (from_near, to_near)) = (camera.into_split(), near.into_split());
        tokio::select! {
            _ = inward(from_camera, to_near, &theirs, &line) => (),
            _ = outward(from_near, to_camera, &line) => (),
        }
    });
    Ok((port, seen))
}

async fn inward(
    mut camera: OwnedReadHalf,
    mut near: OwnedWriteHalf,
    seen: &Seen,
    line: &Line,
) -> io::Result<()> {
    let mut lengths = Lengths::default();
    let mut chunk = vec![0; 32 * 1024];
    loop {
        let length = camera.read(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        line.received(length);
        if let Err(cut) = seen.note(&chunk[..length], &mut lengths) {
            tracing::warn!(?cut, "a camera was cut off");
            seen.cut_off(cut);
            return Ok(());
        }
        near.write_all(&chunk[..length]).await?;
    }
}

/// It ends when either side does.
async fn outward(mut near: OwnedReadHalf, mut camera: OwnedWriteHalf, line: &Line) -> io::Result<()> {
    let mut chunk = vec![0; 4 * 1024];
    loop {
        let length = near.read(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        line.sent(length);
        camera.write_all(&chunk[..length]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(bytes: &[u8], step: usize) -> Result<(), Cut> {
        let mut lengths = Lengths::default();
        bytes.chunks(step).try_for_each(|chunk| lengths.take(chunk))
    }

    #[test]
    fn lengths_are_found_wherever_they_stand() {
        for step in [1, 3, 1000] {
            for good in
                ["RTSP/1.0 200 OK\r\nContent-Length: 460\r\n\r\nv=0", "CSeq: 1\r\ncontent-length:0\r\n\r\n"]
            {
                assert_eq!(take(good.as_bytes(), step), Ok(()), "{good}");
            }
            for bad in [
                "Content-Length: 262145\r\n",
                "cCoNtEnT-lEnGtH: 18446744073709551615\r\n",
                "Content-Length: 184467440737095516150000\r\n",
                "Content-Length: -1\r\n",
                "Content-Length:\r\n 99999999\r\n",
                "X: 1\nContent-Length : 99999999\n",
                "$\0\0\x05aContent-Length: 5\r\n\r\nhello Content-Length: 9999999999\r",
            ] {
                assert_eq!(take(bad.as_bytes(), step), Err(Cut::Answer), "{bad}");
            }
            let mut long = b"Content-Length: ".to_vec();
            long.resize(200, b'0');
            assert_eq!(take(&long, step), Err(Cut::Answer), "a line without an end");
        }
    }

    #[test]
    fn bytes_without_a_picture_are_counted() {
        let (seen, mut lengths) = (Seen::default(), Lengths::default());
        let chunk = vec![0; MAX_UNSEEN / 4];
        for _ in 0..4 {
            assert_eq!(seen.note(&chunk, &mut lengths), Ok(()));
        }
        assert_eq!(seen.note(b"x", &mut lengths), Err(Cut::Endless));
        seen.picture();
        assert_eq!(seen.note(b"x", &mut lengths), Ok(()));
    }

    #[test]
    fn the_last_answer_is_kept() {
        let (seen, mut lengths) = (Seen::default(), Lengths::default());
        assert_eq!(seen.answer(), None);
        seen.note(b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n", &mut lengths).unwrap();
        assert_eq!(seen.answer(), Some((401, None)));
        seen.note(b"RTSP/1.0 302 Found\r\nLOCATION: rtsp://other/\r\n\r\n", &mut lengths).unwrap();
        assert_eq!(seen.answer(), Some((302, Some("rtsp://other/".into()))));
    }
}
