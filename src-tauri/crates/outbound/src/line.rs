//! Counting on one line of the list.

use crate::kind::{OutboundPurpose, OutboundReach};
use crate::ledger::{self, OutboundCount};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One line of the list, to count on.
#[derive(Debug, Clone)]
pub struct Line(ledger::Shared);

impl Line {
    /// Counts a try to connect. `place`: host and port; `addresses`: what may be connected to.
    pub fn begin(purpose: OutboundPurpose, place: &str, addresses: &[SocketAddr]) -> Self {
        Self(ledger::begin(purpose, place, OutboundReach::of(addresses)))
    }

    /// Counts that the other side took the connection.
    pub fn opened(&self) {
        self.count(|count| count.opened += 1);
    }

    /// Counts one more message that needs no connection.
    pub fn again(&self) {
        self.count(|count| {
            count.tries += 1;
            count.opened += 1;
        });
    }

    /// Counts bytes that leave.
    pub fn sent(&self, bytes: usize) {
        self.count(|count| count.sent_bytes += bytes as u64);
    }

    /// Counts bytes that came back.
    pub fn received(&self, bytes: usize) {
        self.count(|count| count.received_bytes += bytes as u64);
    }

    fn count(&self, change: impl Fn(&mut OutboundCount)) {
        ledger::count(&self.0, change);
    }
}

/// Connects to the first of `addresses` that answers within `patience`.
///
/// # Errors
/// When none does.
pub async fn connect(
    purpose: OutboundPurpose,
    place: &str,
    addresses: &[SocketAddr],
    patience: Duration,
) -> io::Result<(TcpStream, Line)> {
    let line = Line::begin(purpose, place, addresses);
    let stream = timeout(patience, TcpStream::connect(addresses)).await??;
    line.opened();
    Ok((stream, line))
}
