//! Which addresses a network camera may have.
//!
//! A person types an address, and this computer asks there: it must not be led to what answers this computer alone,
//! such as the metadata service of a rented machine. The name is resolved once, each resolved address is looked at, and
//! the connection goes to that very address; so no spelling of a number and no change of a name gets round it.
//! Addresses of this computer and of the local network are what cameras have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Resolves names, and passes on only addresses that a camera, or another device or service of a person, may have.
#[derive(Debug, Default)]
pub struct Vetted(DefaultResolver);

/// Stands in the error of a refused address.
pub(crate) const REFUSED: &str = "no camera can have this address";

impl Resolver for Vetted {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        let mut fit = self.empty();
        for address in found.iter().filter(|address| may_be_camera(address.ip())) {
            fit.push(*address);
        }
        if fit.is_empty() { Err(ureq::Error::BadUri(REFUSED.into())) } else { Ok(fit) }
    }
}

/// Returns whether a host that is a number, in any spelling, may be a camera; names are looked up when they are asked.
pub(crate) fn literal_may_be_camera(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let numeric = bare.contains(':')
        || bare.split('.').all(|part| {
            let digits = part.strip_prefix("0x").or(part.strip_prefix("0X")).unwrap_or(part);
            part.is_empty()
                || !digits.is_empty()
                    && digits.bytes().all(|b| b.is_ascii_hexdigit())
                    && part.starts_with(|c: char| c.is_ascii_digit())
        });
    // The system reads numbers in more ways than the standard library: 0x7f.1, 0177.0.0.1, 2130706433.
    !numeric || (bare, 0).to_socket_addrs().is_ok_and(|mut all| all.all(|found| may_be_camera(found.ip())))
}

/// Returns whether a device or a service of a person may have this address: this computer may be led there.
pub fn may_be_asked(ip: IpAddr) -> bool {
    may_be_camera(ip)
}

fn may_be_camera(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => v4_may(ip),
        IpAddr::V6(ip) => match embedded(ip) {
            Some(ip) => v4_may(ip),
            None => v6_may(ip),
        },
    }
}

fn v4_may(ip: Ipv4Addr) -> bool {
    // 100.100.100.200 and 192.0.0.192 are metadata services outside the link-local range.
    let metadata = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)].contains(&ip);
    let [first, ..] = ip.octets();
    !(ip.is_link_local() || ip.is_multicast() || ip.is_broadcast() || first == 0 || first >= 240 || metadata)
}

fn v6_may(ip: Ipv6Addr) -> bool {
    let metadata = [
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
        Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    ];
    !(ip.is_unicast_link_local() || ip.is_multicast() || ip.is_unspecified() || metadata.contains(&ip))
}

/// Returns the IPv4 address within an IPv6 one: mapped, compatible, translated (NAT64), 6to4.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let of = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] | [0, 0, 0, 0, 0xffff, 0] => of(g, h),
        [0, 0, 0, 0, 0, 0] if g != 0 => of(g, h),
        [0x2002, ..] => of(b, c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_leads_to_what_is_no_camera() {
        for bad in [
            "169.254.169.254",
            "2852039166",
            "0xA9FEA9FE",
            "0xa9.0xfe.0xa9.0xfe",
            "0251.0376.0251.0376",
            "169.254.43518",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[::a9fe:a9fe]",
            "[64:ff9b::169.254.169.254]",
            "[2002:a9fe:a9fe::1]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "100.100.100.200",
            "0.0.0.0",
            "0",
            "[::]",
            "224.0.0.1",
            "[ff02::1]",
            "255.255.255.255",
            "999.1.1.1",
        ] {
            assert!(!literal_may_be_camera(bad), "{bad}");
        }
        for good in [
            "192.168.1.20",
            "10.0.0.5",
            "127.0.0.1",
            "[::1]",
            "[fd12:3456::7]",
            "cam.local",
            "beef.de",
            "100.64.1.2",
        ] {
            assert!(literal_may_be_camera(good), "{good}");
        }
    }
}
