//! The serial ports of this computer, for people to choose from.

use crate::host::{Host, Trouble};
use crate::usb::{self, Likeness};
use serde::Serialize;
use serialport::{SerialPortType, UsbPortInfo};
use std::path::Path;

/// A serial port of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct PortInfo {
    /// What to open; a name that survives replugging, where there is one.
    pub path: String,
    /// For people.
    pub label: String,
    /// USB maker and product, as `1a86:7523`.
    pub usb: Option<String>,
    /// It looks like a printer.
    pub likely: bool,
    /// It is surely no printer: left alone unless a person insists.
    pub stranger: bool,
    /// What makes it likely or not.
    pub why: String,
    /// What is in the way, with the cure.
    pub troubles: Vec<Trouble>,
}

/// Lists the serial ports, likely printers first. Opens none.
pub fn list_ports() -> Vec<PortInfo> {
    let host = Host::default();
    let found = usb::available_ports();
    let twins = |usb: &UsbPortInfo| {
        let same = |port: &&serialport::SerialPortInfo| match &port.port_type {
            SerialPortType::UsbPort(other) => {
                (other.vid, other.pid, &other.serial_number, other.interface)
                    == (usb.vid, usb.pid, &usb.serial_number, usb.interface)
            }
            SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => false,
        };
        found.iter().filter(same).count() > 1
    };
    let mut ports: Vec<PortInfo> = found.iter().filter_map(|port| port_info(port, twins, &host)).collect();
    ports.sort_by(|a, b| (!a.likely, a.stranger, &a.path).cmp(&(!b.likely, b.stranger, &b.path)));
    ports
}

/// Returns what keeps printers that are plugged in from being ports at all, with the cure.
pub fn host_troubles() -> Vec<Trouble> {
    Host::default().portless()
}

fn port_info(
    port: &serialport::SerialPortInfo,
    twins: impl Fn(&UsbPortInfo) -> bool,
    host: &Host,
) -> Option<PortInfo> {
    let device = port.port_name.as_str();
    let short = device.rsplit('/').next().unwrap_or_default().to_owned();
    let SerialPortType::UsbPort(usb) = &port.port_type else {
        // Built-in ports are listed by the dozen and have nothing behind them.
        let built_in = port.port_type == SerialPortType::Unknown && short.starts_with("ttyS");
        return (!built_in).then(|| PortInfo {
            path: device.to_owned(),
            label: short,
            usb: None,
            likely: false,
            stranger: false,
            why: "not a USB port".to_owned(),
            troubles: troubles(device, None, host),
        });
    };
    let likeness = usb::likeness(usb);
    let product = usb.product.clone().or(usb.manufacturer.clone());
    let name = product.unwrap_or_else(|| format!("USB {:04x}:{:04x}", usb.vid, usb.pid));
    // Equal boards without a serial number share one name by id; by socket they do not.
    let folder = if twins(usb) { "/dev/serial/by-path" } else { "/dev/serial/by-id" };
    Some(PortInfo {
        path: usb::link_to(device, folder).unwrap_or_else(|| device.to_owned()),
        label: format!("{} ({short})", name.replace('_', " ")),
        usb: Some(format!("{:04x}:{:04x}", usb.vid, usb.pid)),
        likely: matches!(likeness, Likeness::Printer(_)),
        stranger: matches!(likeness, Likeness::Stranger(_)),
        why: match likeness {
            Likeness::Printer(maker) => maker.to_owned(),
            Likeness::Unknown => "not a chip that printers are known for".to_owned(),
            Likeness::Stranger(what) => format!("no printer: {what}"),
        },
        troubles: troubles(device, Some((usb.vid, usb.pid)), host),
    })
}

fn troubles(device: &str, usb: Option<(u16, u16)>, host: &Host) -> Vec<Trouble> {
    let device = Path::new(device);
    let mut troubles = Vec::new();
    if !may_use(device) {
        let user = std::env::var("USER").unwrap_or_default();
        troubles.push(host.forbidden(device, &user));
    }
    troubles.extend(host.held(device, usb));
    troubles
}

#[cfg(unix)]
fn may_use(device: &Path) -> bool {
    use nix::unistd::{AccessFlags, access};
    // A device that is gone by now is no matter of rights.
    access(device, AccessFlags::R_OK | AccessFlags::W_OK) != Err(nix::errno::Errno::EACCES)
}

#[cfg(not(unix))]
fn may_use(_device: &Path) -> bool {
    true
}
