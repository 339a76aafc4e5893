//! For a library that opens its own socket: it is led to a port of this computer, and what goes over it is passed on to
//! the one place that was asked for, counted. Encryption stays between the library and that place.

use crate::kind::OutboundPurpose;
use crate::line::Line;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::thread::Builder;
use std::time::Duration;

/// Whether the library has come is looked at so often.
const LOOK: Duration = Duration::from_millis(10);
/// It is let in within so many looks: it comes at once.
const LOOKS: u32 = 1000;

/// Connects to a host and returns the port of this computer that leads there, for one connection. `may`: which addresses
/// may be asked.
///
/// # Errors
/// A sentence: there is no such computer, none that may be asked, or it does not answer.
pub fn relay(
    purpose: OutboundPurpose,
    host: &str,
    port: u16,
    may: fn(IpAddr) -> bool,
    patience: Duration,
) -> io::Result<u16> {
    let bare = host.trim_matches(['[', ']']);
    let found = (bare, port).to_socket_addrs();
    let found = found.map_err(|_| io::Error::other(format!("no computer of the name {bare} was found")))?;
    let fit: Vec<SocketAddr> = found.filter(|address| may(address.ip())).collect();
    if fit.is_empty() {
        return Err(io::Error::other(format!("{bare} has no address that may be asked")));
    }
    let line = Line::begin(purpose, &format!("{host}:{port}"), &fit);
    let far = first_of(&fit, patience)?;
    line.opened();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let near_port = listener.local_addr()?.port();
    listener.set_nonblocking(true)?;
    let work = move || {
        if let Err(error) = accept(listener).and_then(|near| pass_on(&near, &far, &line)) {
            tracing::debug!(%error, "a counted connection ended");
        }
    };
    Builder::new().name("outbound-relay".into()).spawn(work)?;
    Ok(near_port)
}

fn first_of(addresses: &[SocketAddr], patience: Duration) -> io::Result<TcpStream> {
    let mut failed = io::Error::from(ErrorKind::NotFound);
    for address in addresses {
        match TcpStream::connect_timeout(address, patience) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Lets one in, and nobody after it.
fn accept(listener: TcpListener) -> io::Result<TcpStream> {
    for _ in 0..LOOKS {
        match listener.accept() {
            Ok((near, _)) => {
                near.set_nonblocking(false)?;
                return Ok(near);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(LOOK),
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::TimedOut.into())
}

/// Passes on until either side closes; both are closed then.
fn pass_on(near: &TcpStream, far: &TcpStream, line: &Line) -> io::Result<()> {
    let (near_in, far_out, outward) = (near.try_clone()?, far.try_clone()?, line.clone());
    let out = Builder::new()
        .name("outbound-relay-out".into())
        .spawn(move || copy(&near_in, &far_out, |bytes| outward.sent(bytes)))?;
    copy(far, near, |bytes| line.received(bytes));
    // Ended by the closing of both.
    let _ = out.join();
    Ok(())
}

fn copy(mut from: &TcpStream, mut to: &TcpStream, counted: impl Fn(usize)) {
    let mut chunk = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk) {
        counted(length);
        if to.write_all(&chunk[..length]).is_err() {
            break;
        }
    }
    // Who is closed already is closed.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};

    #[test]
    fn what_goes_through_is_counted_both_ways() {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = server.local_addr().expect("bound").port();
        let patience = Duration::from_secs(5);
        let near =
            relay(OutboundPurpose::Mail, "127.0.0.1", port, |_| true, patience).expect("it leads there");
        let mut here = TcpStream::connect(("127.0.0.1", near)).expect("it is let in");
        let (mut there, _) = server.accept().expect("and connected");
        here.write_all(b"EHLO me\r\n").expect("sent");
        let mut line = String::new();
        BufReader::new(&there).read_line(&mut line).expect("heard");
        assert_eq!(line, "EHLO me\r\n");
        there.write_all(b"250 hello\r\n").expect("answered");
        drop(there);
        let mut answer = String::new();
        here.read_to_string(&mut answer).expect("heard to its end");
        assert_eq!(answer, "250 hello\r\n");
        let place = format!("127.0.0.1:{port}");
        let listed = crate::list().connections.into_iter().find(|one| one.place == place).expect("listed");
        assert_eq!((listed.this_run.sent_bytes, listed.this_run.received_bytes), (9, 11));
        assert_eq!(listed.reach, crate::OutboundReach::ThisComputer);
        assert!(TcpStream::connect(("127.0.0.1", near)).is_err(), "it leads there once");
    }

    #[test]
    fn what_may_not_be_asked_is_not() {
        let refused = relay(OutboundPurpose::Mail, "127.0.0.1", 1, |_| false, Duration::from_secs(1));
        assert!(refused.unwrap_err().to_string().contains("no address that may be asked"));
    }
}
