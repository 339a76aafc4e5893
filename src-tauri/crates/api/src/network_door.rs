//! The network's listener: its port on all addresses of this computer, where it can be reached, and the code to scan.

use crate::ApiError;
use axum::http::StatusCode;
use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::TcpListener;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 128;
/// Most addresses that are shown.
const MOST_ADDRESSES: usize = 6;
/// Networks between programs of this computer, by how their names begin: no phone is in them.
const INNER: &[&str] = &["docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "podman"];

/// Takes the port on all addresses, of both families where the system has both.
///
/// # Errors
/// When another program has it, or when the system does not give it.
pub(crate) fn bind(port: u16) -> Result<TcpListener, ApiError> {
    let both = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    let four = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let listener = match listen(both) {
        Err(error) if error.kind() != ErrorKind::AddrInUse => listen(four),
        done => done,
    };
    listener.map_err(|error| {
        let (code, message) = if error.kind() == ErrorKind::AddrInUse {
            ("port_in_use", format!("port {port} is used by another program"))
        } else {
            ("port_refused", format!("port {port} cannot be opened: {error}"))
        };
        ApiError::new(StatusCode::CONFLICT, code, message, "Choose another port, such as 7413.")
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // Elsewhere it would take a port that another program has.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Returns whether a network of this name is one between programs of this computer.
pub(crate) fn is_inner(name: &str) -> bool {
    INNER.iter().any(|inner| name.starts_with(inner))
}

/// Returns addresses of this computer by which others on the network reach it, the likeliest first.
pub(crate) fn addresses() -> Vec<Ipv4Addr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this computer could not be read");
        Vec::new()
    });
    let outer = interfaces.iter().filter(|one| !is_inner(&one.name));
    let mut found: Vec<Ipv4Addr> = outer
        .filter_map(|one| match one.ip() {
            IpAddr::V4(four) if !four.is_loopback() && !four.is_link_local() => Some(four),
            IpAddr::V4(_) | IpAddr::V6(_) => None,
        })
        .collect();
    // Homes have 192.168 nearly always; what is not private at all comes last.
    found.sort_by_key(|ip| match ip.octets() {
        [192, 168, ..] => 0,
        [10, ..] => 1,
        [172, 16..32, ..] => 2,
        _ => 3,
    });
    found.truncate(MOST_ADDRESSES);
    found
}

/// One address with its code to scan.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "NetworkCode")]
pub(crate) struct Code {
    /// What a browser opens.
    url: String,
    /// Modules of the QR code on a side, without the margin.
    size: usize,
    /// The dark modules as the path of an SVG, one unit each.
    path: String,
}

impl Code {
    /// Draws the code of an address.
    ///
    /// # Errors
    /// When it is too long for one, which none of ours is.
    pub(crate) fn of(url: String) -> Result<Self, ApiError> {
        let code = QrCode::with_error_correction_level(url.as_bytes(), EcLevel::M)
            .map_err(|error| ApiError::internal(error.to_string()))?;
        let (size, colors) = (code.width(), code.to_colors());
        let mut path = String::new();
        for (y, row) in colors.chunks(size).enumerate() {
            let dark = row.iter().enumerate().filter(|(_, color)| **color == Color::Dark);
            dark.for_each(|(x, _)| path.push_str(&format!("M{x} {y}h1v1h-1z")));
        }
        Ok(Self { url, size, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_is_taken_is_said() {
        let first = bind(0).unwrap();
        let port = first.local_addr().unwrap().port();
        let refused = bind(port).unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (StatusCode::CONFLICT, "port_in_use"));
        assert!(refused.message.contains(&port.to_string()), "{}", refused.message);
        drop(first);
        bind(port).expect("free again");
    }

    #[test]
    fn a_code_is_a_square_with_its_three_corners() {
        let code =
            Code::of("http://192.168.100.100:7412/#pair=0123456789abcdef0123456789abcdef".into()).unwrap();
        assert!((21..=57).contains(&code.size), "{}", code.size);
        for (x, y) in [(0, 0), (code.size - 1, 0), (0, code.size - 1)] {
            assert!(code.path.contains(&format!("M{x} {y}h1")), "{x} {y}");
        }
    }

    #[test]
    fn no_address_of_this_computer_alone_is_shown() {
        assert!(addresses().iter().all(|ip| !ip.is_loopback() && !ip.is_link_local()));
    }
}
