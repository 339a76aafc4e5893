//! HTTP by `ureq`, counted between TLS and the socket: what is counted is what the network sees.

use crate::kind::OutboundPurpose;
use crate::line::Line;
use std::fmt;
use std::net::SocketAddr;
use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, TcpConnector, Transport,
};

/// Opens TCP connections for `ureq`, in the place of its own connector, and counts them.
#[derive(Debug)]
pub struct Counted {
    purpose: OutboundPurpose,
    tcp: TcpConnector,
}

impl Counted {
    /// Counts for this purpose.
    pub fn new(purpose: OutboundPurpose) -> Self {
        Self { purpose, tcp: TcpConnector::default() }
    }
}

impl<In: Transport> Connector<In> for Counted {
    type Out = Either<In, CountedTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        // A connection through a proxy was opened, and counted, on the way to the proxy.
        if let Some(chained) = chained {
            return Ok(Some(Either::A(chained)));
        }
        let addresses: Vec<SocketAddr> = details.addrs.iter().copied().collect();
        let line = Line::begin(self.purpose, &place(details.uri), &addresses);
        let opened = Connector::<()>::connect(&self.tcp, details, None)?;
        Ok(opened.map(|opened| {
            line.opened();
            Either::B(CountedTransport { inner: Box::new(opened), line })
        }))
    }
}

/// Host and port of an address; nothing else of it is noted.
fn place(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    format!("{host}:{}", uri.port_u16().unwrap_or(usual))
}

/// A connection that counts.
pub struct CountedTransport {
    inner: Box<dyn Transport>,
    line: Line,
}

impl fmt::Debug for CountedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountedTransport").finish_non_exhaustive()
    }
}

impl Transport for CountedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.line.sent(amount);
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let before = self.inner.buffers().input().len();
        let progress = self.inner.await_input(timeout);
        let after = self.inner.buffers().input().len();
        self.line.received(after.saturating_sub(before));
        progress
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_address_is_noted_but_host_and_port() {
        let place = |text: &str| place(&text.parse().expect("an address"));
        assert_eq!(place("http://me:secret@cam.local/snap?token=x"), "cam.local:80");
        assert_eq!(place("https://ntfy.sh/my-secret-topic"), "ntfy.sh:443");
        assert_eq!(place("http://[fd00::7]:8080/"), "[fd00::7]:8080");
    }
}
