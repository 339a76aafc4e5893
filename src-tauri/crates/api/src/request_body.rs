//! A request's body, and what a handler left unread of it.
//!
//! hyper closes a connection behind an answer whose request was not read to its end, and the answer does not say so. A
//! client that keeps its connections would lose the next request on it. So what is left of a small body is read here, and
//! where that is too much or takes too long, the answer says `Connection: close` (RFC 9112, section 9.6).

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// So much is read for nothing at most, bytes.
const MOST: u64 = 64 * 1024;
/// And for so long.
const TERM: Duration = Duration::from_secs(1);

/// A body that is still within reach when its handler has dropped it.
struct Shared<B>(Arc<Mutex<B>>);

/// What may be left of a body behind its handler.
pub(crate) struct Rest<B> {
    body: Arc<Mutex<B>>,
    /// The client sends the body only when it is asked for.
    waits_to_be_asked: bool,
}

/// Hands the request on, and keeps hold of its body.
pub(crate) fn shared<B>(request: Request<B>) -> (Request<Body>, Rest<B>)
where
    B: HttpBody<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let waits_to_be_asked = request.headers().contains_key(EXPECT);
    let (head, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body));
    let rest = Rest { body: body.clone(), waits_to_be_asked };
    (Request::from_parts(head, Body::new(Shared(body))), rest)
}

impl<B: HttpBody<Data = Bytes> + Unpin> Rest<B> {
    /// Reads what is left, or lets the answer say that the connection ends with it.
    pub(crate) async fn settle(self, mut response: Response) -> Response {
        if !self.read().await {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Returns whether the body was read to its end.
    async fn read(&self) -> bool {
        let left = {
            let body = lock(&self.body);
            if body.is_end_stream() {
                return true;
            }
            body.size_hint().upper()
        };
        if self.waits_to_be_asked || left.is_none_or(|left| left > MOST) {
            return false;
        }
        let to_the_end = async {
            loop {
                match poll_fn(|cx| Pin::new(&mut *lock(&self.body)).poll_frame(cx)).await {
                    Some(Ok(_)) => (),
                    Some(Err(_)) => return false,
                    None => return true,
                }
            }
        };
        timeout(TERM, to_the_end).await.unwrap_or(false)
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Shared<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut *lock(&self.0)).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.0).size_hint()
    }
}

fn lock<B>(body: &Mutex<B>) -> MutexGuard<'_, B> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use axum::response::IntoResponse;

    async fn says_close(body: Body, expects: bool) -> bool {
        let mut request = Request::new(body);
        if expects {
            request.headers_mut().insert(EXPECT, HeaderValue::from_static("100-continue"));
        }
        let (request, rest) = shared(request);
        drop(request);
        let response = rest.settle(StatusCode::CONFLICT.into_response()).await;
        response.headers().get(CONNECTION).is_some_and(|value| value == "close")
    }

    #[tokio::test]
    async fn a_small_body_that_nobody_read_does_not_end_the_connection() {
        assert!(!says_close(Body::empty(), false).await);
        assert!(!says_close(Body::from("{}"), false).await);
        assert!(!says_close(Body::from(vec![0; MOST as usize]), false).await);
    }

    #[tokio::test]
    async fn what_is_long_endless_slow_or_not_asked_for_is_said_to_end_it() {
        assert!(says_close(Body::from(vec![0; MOST as usize + 1]), false).await);
        assert!(says_close(Body::from("{}"), true).await);
        let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"x")));
        assert!(says_close(Body::from_stream(endless), false).await);
        let slow = Slow;
        let (request, rest) = shared(Request::new(slow));
        drop(request);
        let response = rest.settle(StatusCode::CONFLICT.into_response()).await;
        assert!(response.headers().contains_key(CONNECTION));
    }

    /// Two bytes that never come.
    struct Slow;

    impl HttpBody for Slow {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(2)
        }
    }
}
