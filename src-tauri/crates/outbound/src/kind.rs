//! What a connection is for, and how far it leads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use ts_rs::TS;

/// What a connection is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OutboundPurpose {
    /// Pictures of a camera on the network.
    Camera,
    /// A notice, by a service that a person has set up.
    Notice,
    /// A notice, by mail.
    Mail,
    /// An MQTT broker; its bytes are those of messages, without what encryption adds.
    Mqtt,
    /// An agent of OctoPrint or Klipper that a person links with one click.
    AgentLink,
    /// Multicast DNS, so that slicers and phones find this computer; its bytes are not counted.
    Discovery,
}

/// How far away the other computer is, by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutboundReach {
    /// A program of this computer.
    ThisComputer,
    /// An address of a local network.
    LocalNetwork,
    /// Any other address.
    PublicAddress,
}

impl OutboundReach {
    /// Returns how far the farthest of these is.
    pub(crate) fn of(addresses: &[SocketAddr]) -> Self {
        addresses.iter().map(|address| reach(address.ip())).max().unwrap_or(Self::PublicAddress)
    }
}

fn reach(ip: IpAddr) -> OutboundReach {
    let (here, local) = match ip.to_canonical() {
        IpAddr::V4(ip) => (ip.is_loopback(), ip.is_private() || ip.is_link_local() || ip.is_multicast()),
        IpAddr::V6(ip) => {
            (ip.is_loopback(), ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_multicast())
        }
    };
    match (here, local) {
        (true, _) => OutboundReach::ThisComputer,
        (false, true) => OutboundReach::LocalNetwork,
        (false, false) => OutboundReach::PublicAddress,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_an_address_is_goes_by_the_farthest() {
        let at = |text: &str| format!("{text}:80").parse::<SocketAddr>().expect("an address");
        let far = |all: &[&str]| OutboundReach::of(&all.iter().map(|text| at(text)).collect::<Vec<_>>());
        assert_eq!(far(&["127.0.0.1", "[::1]"]), OutboundReach::ThisComputer);
        assert_eq!(far(&["[::ffff:127.0.0.1]"]), OutboundReach::ThisComputer);
        for local in ["192.168.1.20", "10.0.0.1", "172.16.3.4", "[fd00::1]", "[fe80::1]", "224.0.0.251"] {
            assert_eq!(far(&["127.0.0.1", local]), OutboundReach::LocalNetwork, "{local}");
        }
        assert_eq!(far(&["192.168.1.20", "93.184.216.34"]), OutboundReach::PublicAddress);
        assert_eq!(far(&["[2a00::1]"]), OutboundReach::PublicAddress);
        assert_eq!(far(&[]), OutboundReach::PublicAddress, "what is not known is not called near");
    }
}
