//! By which names this computer may be asked: the guard against pages that point a name of their own at it.
//!
//! Such a page needs a name in the public naming system, so it always has a dot and never ends in `.local`. What a
//! person at home types is an address of this computer, its bare name, or that name with `.local`, in any case, with or
//! without the port. Every other name has to be entered in the settings first.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Longest name that is looked at, bytes.
const LONGEST_NAME: usize = 253;
/// Longest part of a name between two dots, bytes.
const LONGEST_LABEL: usize = 63;

/// A `Host`, or what stands behind `http://` in an `Origin`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostName {
    host: Host,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    /// In lower case, without a dot at the end.
    Name(String),
}

impl HostName {
    /// Reads `name`, `name:port`, `1.2.3.4:port` or `[::1]:port`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (inner, after) = rest.split_once(']')?;
                let address: Ipv6Addr = inner.parse().ok()?;
                (
                    Host::Address(IpAddr::V6(address).to_canonical()),
                    after.strip_prefix(':').or_else(|| empty(after))?,
                )
            }
            None => {
                let (host, port) = text.split_once(':').unwrap_or((text, ""));
                (Host::read(host)?, port)
            }
        };
        let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        let port = if text.ends_with(':') || (!port.is_empty() && !digits) {
            return None;
        } else if digits {
            Some(port.parse().ok().filter(|port| *port != 0)?)
        } else {
            None
        };
        Some(Self { host, port })
    }

    /// Returns whether a computer on this network may be meant by it: one of ours when it is an address, else a name
    /// that no foreign page can have, or one of the `extra` ones.
    pub(crate) fn is_ours(&self, to: SocketAddr, extra: &[String]) -> bool {
        let known = |text: &str| extra.iter().any(|extra| extra == text);
        match &self.host {
            Host::Address(address) => *address == to.ip() || known(&address.to_string()),
            Host::Name(name) => is_bare(name.strip_suffix(".local").unwrap_or(name)) || known(name),
        }
    }

    /// Returns whether a page of this origin comes from where it asks: the same name, and the same port. A `Host`
    /// without a port is legal; then the page may be at the port that was asked.
    pub(crate) fn is_origin(&self, origin: &str, to: SocketAddr) -> bool {
        let (rest, usual) = match (strip(origin, "http://"), strip(origin, "https://")) {
            (Some(rest), _) => (rest, 80),
            (None, Some(rest)) => (rest, 443),
            (None, None) => return false,
        };
        let Some(page) = Self::read(rest) else { return false };
        let at = page.port.unwrap_or(usual);
        let same_port = match self.port {
            Some(port) => at == port,
            None => at == usual || at == to.port(),
        };
        page.host == self.host && same_port
    }
}

impl Host {
    fn read(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::Address(IpAddr::V4(address)));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let good = |label: &str| {
            let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            plain && (1..=LONGEST_LABEL).contains(&label.len())
        };
        (name.len() <= LONGEST_NAME && name.split('.').all(good)).then_some(Self::Name(name))
    }
}

/// Returns whether a name is that of a computer alone. Numbers are no names: browsers read them as addresses.
fn is_bare(name: &str) -> bool {
    let number = name.bytes().all(|b| b.is_ascii_digit()) || name.starts_with("0x");
    !name.is_empty() && !name.contains('.') && !number
}

fn strip<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let head = text.get(..scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
}

fn empty(text: &str) -> Option<&str> {
    text.is_empty().then_some(text)
}

/// Returns a name for the list of further ones as it is compared, or what is wrong with it.
///
/// # Errors
/// When it has a port, a path, or signs that no name has.
pub(crate) fn further_name(text: &str) -> Result<String, String> {
    match HostName::read(text.trim()) {
        Some(HostName { host: Host::Name(name), port: None }) => Ok(name),
        Some(HostName { host: Host::Address(address), port: None }) => Ok(address.to_string()),
        _ => Err(format!("{text:?} is no name of a computer, such as workshop.lan")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to() -> SocketAddr {
        "192.168.1.5:7412".parse().unwrap()
    }

    fn ours(text: &str) -> bool {
        HostName::read(text)
            .is_some_and(|host| host.is_ours(to(), &["workshop.lan".into(), "10.9.9.9".into()]))
    }

    #[test]
    fn what_people_at_home_type_is_ours() {
        for host in [
            "192.168.1.5:7412",
            "192.168.1.5",
            "WORKSHOP:7412",
            "workshop",
            "Workshop.Local",
            "workshop.local.:7412",
            "localhost:7412",
            "Workshop.LAN:80",
            "10.9.9.9",
            "my_pc-2",
        ] {
            assert!(ours(host), "{host}");
        }
    }

    #[test]
    fn names_of_foreign_pages_are_not() {
        for host in [
            "evil.example:7412",
            "evil.example",
            "192.168.1.6:7412",
            "127.0.0.1:7412",
            "192.168.1.5.evil.example",
            "192.168.1.5.nip.io:7412",
            "a.b.local",
            "local",
            "evil.local.example",
            ".local",
            "3232235781",
            "0xc0a80105",
            "[::1]:7412",
            "",
            ":7412",
            "workshop:",
            "workshop:0",
            "workshop:99999",
            "workshop:7412:7412",
            "work shop",
            "user@workshop",
            "workshop/",
            "wörkshop",
            "[fe80::1",
            "[fe80::1]x",
        ] {
            // A bare word is a computer's name; all the others are none.
            assert_eq!(ours(host), host == "local", "{host}");
        }
    }

    #[test]
    fn an_address_of_ours_may_be_written_in_either_family() {
        let six = "[fd00::5]:7412".parse().unwrap();
        assert!(HostName::read("[FD00:0::5]:7412").unwrap().is_ours(six, &[]));
        assert!(!HostName::read("[fd00::6]").unwrap().is_ours(six, &[]));
        assert!(HostName::read("[::ffff:192.168.1.5]").unwrap().is_ours(to(), &[]));
    }

    #[test]
    fn a_page_may_ask_only_where_it_comes_from() {
        let asked = |host: &str, origin: &str| HostName::read(host).unwrap().is_origin(origin, to());
        assert!(asked("192.168.1.5:7412", "http://192.168.1.5:7412"));
        assert!(asked("Workshop:7412", "HTTP://workshop:7412"));
        assert!(asked("workshop", "http://workshop:7412"), "a Host without port is legal");
        assert!(asked("workshop", "http://workshop"));
        assert!(asked("workshop:80", "http://workshop") && asked("workshop:443", "https://workshop"));
        for foreign in [
            "http://192.168.1.5",
            "http://192.168.1.5:7413",
            "https://192.168.1.5",
            "http://evil.example",
            "http://192.168.1.5:7412.evil.example",
            "http://192.168.1.5:7412/",
            "http://evil@192.168.1.5:7412",
            "null",
            "",
            "file://",
            "tauri://localhost",
        ] {
            assert!(!asked("192.168.1.5:7412", foreign), "{foreign}");
        }
        assert!(!asked("workshop", "http://workshop:8080"), "another server of this computer");
    }

    #[test]
    fn further_names_are_names_alone() {
        assert_eq!(further_name(" Workshop.Fritz.Box ").as_deref(), Ok("workshop.fritz.box"));
        for wrong in ["http://workshop.lan", "workshop.lan:80", "workshop.lan/x", "*", "*.lan", ""] {
            assert!(further_name(wrong).is_err(), "{wrong}");
        }
    }
}
