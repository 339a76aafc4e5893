//! How slow a client may be: an upload or a download that hardly moves is ended, so that it holds nothing for ever.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, timeout};

/// How long is waited for a client in all before it must have sent [`LEAST_SENT`].
const SEND_TERM: Duration = Duration::from_secs(15);
/// Bytes that must come in each term: 1 kB/s.
const LEAST_SENT: usize = 15 * 1024;
/// How long a client may take for what is ready for it, or for [`LEAST_TAKEN`] of it.
const TAKE_TERM: Duration = Duration::from_secs(60);
/// Bytes that begin a new term.
const LEAST_TAKEN: usize = 256 * 1024;

/// Ends a body that hardly comes. The time that we take ourselves does not count.
pub(crate) async fn steady_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = if body.is_end_stream() { body } else { Body::from_stream(paced(body, SEND_TERM)) };
    next.run(Request::from_parts(parts, body)).await
}

fn paced(body: Body, term: Duration) -> impl futures_util::Stream<Item = Result<Bytes, axum::BoxError>> {
    let begin = (body.into_data_stream(), Duration::ZERO, 0);
    futures_util::stream::unfold(begin, move |(mut pieces, mut waited, mut sent)| async move {
        let asked = Instant::now();
        let piece = match timeout(term.saturating_sub(waited), pieces.next()).await {
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(error.into()),
            Ok(Some(Ok(piece))) => {
                (waited, sent) = (waited + asked.elapsed(), sent + piece.len());
                if sent >= LEAST_SENT {
                    (waited, sent) = (Duration::ZERO, 0);
                }
                Ok(piece)
            }
            Err(_) => Err(io::Error::new(ErrorKind::TimedOut, "it was sent too slowly").into()),
        };
        Some((piece, (pieces, waited, sent)))
    })
}

/// A connection whose client takes what it asked for.
pub(crate) struct Steady<S> {
    stream: S,
    term: Duration,
    /// Runs while something waits for the client.
    running: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl<S> Steady<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, term: TAKE_TERM, running: None, taken: 0 }
    }

    fn check(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.taken += bytes;
                if self.taken >= LEAST_TAKEN {
                    self.all_taken();
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let term = self.term;
                let running = self.running.get_or_insert_with(|| Box::pin(sleep(term)));
                ready!(running.as_mut().poll(cx));
                Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the client does not take its answer")))
            }
        }
    }

    fn all_taken(&mut self) {
        (self.running, self.taken) = (None, 0);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Steady<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Steady<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.check(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.check(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Asked for when nothing is left to be written.
        self.all_taken();
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const TERM: Duration = Duration::from_millis(200);

    /// A body of pieces, each so long after the one before it.
    fn body(pieces: usize, bytes: usize, every: Duration) -> Body {
        Body::from_stream(futures_util::stream::unfold(0, move |n| async move {
            if n == pieces {
                return None;
            }
            sleep(every).await;
            Some((Ok::<_, io::Error>(Bytes::from(vec![b'x'; bytes])), n + 1))
        }))
    }

    async fn read(body: Body) -> Result<usize, axum::BoxError> {
        let mut pieces = Box::pin(paced(body, TERM));
        let mut bytes = 0;
        while let Some(piece) = pieces.next().await {
            bytes += piece?.len();
        }
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_ended_and_one_that_comes_is_read_whole() {
        let begun = Instant::now();
        read(body(1_000, 1, Duration::from_millis(10))).await.expect_err("a byte now and then is no upload");
        assert!(begun.elapsed() < TERM * 10, "{:?}", begun.elapsed());
        read(body(2, 1, TERM * 20)).await.expect_err("nothing comes at all");
        // Longer than a term in all, and never slow.
        assert_eq!(read(body(30, LEAST_SENT, Duration::from_millis(10))).await.unwrap(), 30 * LEAST_SENT);
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_let_go_and_a_slow_one_is_served() {
        let (near, _unread) = tokio::io::duplex(LEAST_TAKEN);
        let mut steady = Steady { term: TERM, ..Steady::new(near) };
        let stuck = steady.write_all(&vec![7; LEAST_TAKEN * 4]).await.expect_err("nobody reads");
        assert_eq!(stuck.kind(), ErrorKind::TimedOut);
        let (near, mut far) = tokio::io::duplex(LEAST_TAKEN / 4);
        let taking = tokio::spawn(async move {
            let (mut part, mut bytes) = (vec![0; LEAST_TAKEN], 0);
            while bytes < LEAST_TAKEN * 16 {
                sleep(Duration::from_millis(5)).await;
                bytes += far.read(&mut part).await.unwrap();
            }
        });
        let mut steady = Steady { term: TERM, ..Steady::new(near) };
        steady.write_all(&vec![7; LEAST_TAKEN * 16]).await.unwrap();
        taking.await.unwrap();
    }
}
