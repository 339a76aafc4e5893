//! USB devices behind serial ports: which may be printers, and which is the one of last time.

use domain::UsbIdentity;
use serialport::{SerialPortType, UsbPortInfo};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// USB makers of serial chips and boards that printers carry.
const MAKERS: [(u16, &str); 12] = [
    (0x1a86, "CH340 chip, as in most Creality and Anycubic printers"),
    (0x0403, "FTDI chip"),
    (0x10c4, "CP210x chip"),
    (0x067b, "Prolific chip"),
    (0x2341, "Arduino board"),
    (0x2a03, "Arduino board"),
    (0x2c99, "Prusa printer"),
    (0x27b1, "UltiMachine board"),
    (0x0483, "STM32 board"),
    (0x1d50, "open-hardware board"),
    (0x1209, "open-hardware board"),
    (0x1eaf, "STM32 board"),
];
/// Of those, boards whose processor is the USB device: DTR does not reset them, and any rate is right.
const NATIVE: [u16; 5] = [0x0483, 0x1d50, 0x1209, 0x1eaf, 0x2c99];

/// Devices that are surely no printers, by maker and, where it makes printers' chips too, product.
const STRANGERS: [(u16, Option<u16>, &str); 27] = [
    (0x0483, Some(0x3748), "a debug probe"),
    (0x0483, Some(0x374b), "a debug probe"),
    (0x0483, Some(0x374e), "a debug probe"),
    (0x0483, Some(0x3752), "a debug probe"),
    (0x0483, Some(0x3753), "a debug probe"),
    (0x1d50, Some(0x6018), "a debug probe"),
    (0x1d50, Some(0x614e), "a board with Klipper's own firmware, which only Klipper can drive"),
    (0x2e8a, Some(0x000c), "a debug probe"),
    (0x1366, None, "a debug probe"),
    (0x0d28, None, "a debug probe"),
    (0x051d, None, "a UPS"),
    (0x0764, None, "a UPS"),
    (0x0463, None, "a UPS"),
    (0x1546, None, "a GPS receiver"),
    (0x091e, None, "a GPS receiver"),
    (0x1199, None, "a modem"),
    (0x2c7c, None, "a modem"),
    (0x1e0e, None, "a modem"),
    (0x05c6, None, "a modem"),
    (0x19d2, None, "a modem"),
    (0x0bdb, None, "a modem"),
    (0x12d1, None, "a modem or phone"),
    (0x04e8, None, "a phone"),
    (0x05ac, None, "a phone"),
    (0x18d1, None, "a phone"),
    (0x22b8, None, "a phone"),
    (0x2717, None, "a phone"),
];
/// Words in the name of what carries a chip that printers carry as well, and is none.
const STRANGE_WORDS: [(&str, &str); 9] = [
    ("modem", "a modem"),
    ("gps", "a GPS receiver"),
    ("gnss", "a GPS receiver"),
    ("st-link", "a debug probe"),
    ("cmsis-dap", "a debug probe"),
    ("zigbee", "a radio for smart homes"),
    ("z-wave", "a radio for smart homes"),
    ("zwave", "a radio for smart homes"),
    ("ups", "a UPS"),
];

/// What a USB device may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// It carries what printers carry.
    Printer(&'static str),
    /// Nobody knows.
    Unknown,
    /// Surely none; what it is.
    Stranger(&'static str),
}

/// Judges a device by its numbers and its name.
pub(crate) fn likeness(usb: &UsbPortInfo) -> Likeness {
    let known =
        |(vid, pid, _): &&(u16, Option<u16>, &str)| *vid == usb.vid && pid.is_none_or(|p| p == usb.pid);
    if let Some((_, _, what)) = STRANGERS.iter().find(known) {
        return Likeness::Stranger(what);
    }
    let name = usb.product.as_deref().unwrap_or_default().to_ascii_lowercase();
    let word = |text: &str| name.split([' ', '_', '/', ',']).any(|part| part == text);
    if let Some((_, what)) = STRANGE_WORDS.iter().find(|(text, _)| word(text)) {
        return Likeness::Stranger(what);
    }
    let maker = MAKERS.iter().find(|(maker, _)| *maker == usb.vid);
    maker.map_or(Likeness::Unknown, |(_, name)| Likeness::Printer(name))
}

/// Lists the serial ports that the system has; none where it shows no devices at all, as in a container, for which
/// `serialport` would panic.
pub(crate) fn available_ports() -> Vec<serialport::SerialPortInfo> {
    if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
        return Vec::new();
    }
    serialport::available_ports().unwrap_or_default()
}

/// Counts the ports that look like printers.
pub(crate) fn likely_printers() -> usize {
    let likely = |port: &serialport::SerialPortInfo| match &port.port_type {
        SerialPortType::UsbPort(usb) => matches!(likeness(usb), Likeness::Printer(_)),
        SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => false,
    };
    available_ports().iter().filter(|port| likely(port)).count()
}

/// Returns whether the board speaks USB itself.
pub(crate) fn is_native(vid: u16) -> bool {
    NATIVE.contains(&vid)
}

/// Returns what tells a port from others.
pub(crate) fn identity(name: &str, usb: &UsbPortInfo) -> UsbIdentity {
    UsbIdentity {
        vid: usb.vid,
        pid: usb.pid,
        serial: usb.serial_number.clone().filter(|s| !s.trim().is_empty()),
        interface: usb.interface,
        by_path: link_to(name, "/dev/serial/by-path"),
    }
}

/// Returns all USB ports with their identities.
pub(crate) fn usb_ports() -> Vec<(String, UsbIdentity)> {
    let usb = |port: serialport::SerialPortInfo| match port.port_type {
        SerialPortType::UsbPort(usb) => Some((identity(&port.port_name, &usb), port.port_name)),
        SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => None,
    };
    let found = available_ports().into_iter().filter_map(usb);
    found.map(|(identity, name)| (name, identity)).collect()
}

/// Returns the link in a folder that leads to a device.
pub(crate) fn link_to(device: &str, folder: &str) -> Option<String> {
    let real = std::fs::canonicalize(device).ok()?;
    let leads_here =
        |entry: &std::fs::DirEntry| std::fs::canonicalize(entry.path()).is_ok_and(|to| to == real);
    let mut found: Vec<_> =
        std::fs::read_dir(folder).ok()?.flatten().filter(leads_here).map(|e| e.path()).collect();
    found.sort();
    found.first()?.to_str().map(str::to_owned)
}

/// Returns whether two names lead to the same device.
pub(crate) fn same_file(a: &str, b: &str) -> bool {
    let real = |path: &str| std::fs::canonicalize(Path::new(path)).ok();
    a == b || real(a).is_some_and(|real_a| real(b) == Some(real_a))
}

/// Finds the device of last time among `ports`; `path` is its name of then, `taken` sockets belong to other printers.
pub(crate) fn find<'a>(
    path: &str,
    identity: &UsbIdentity,
    ports: &'a [(String, UsbIdentity)],
    taken: &[String],
) -> Option<&'a str> {
    let same = |(_, usb): &&(String, UsbIdentity)| {
        let plain = |usb: &UsbIdentity| UsbIdentity { by_path: None, ..usb.clone() };
        plain(usb) == plain(identity) && !usb.by_path.as_ref().is_some_and(|socket| taken.contains(socket))
    };
    let alike: Vec<&(String, UsbIdentity)> = ports.iter().filter(same).collect();
    let in_socket =
        |(_, usb): &&&(String, UsbIdentity)| usb.by_path.is_some() && usb.by_path == identity.by_path;
    let named = |(name, _): &&&(String, UsbIdentity)| same_file(name, path);
    let found = match alike.as_slice() {
        [only] => Some(only),
        // Two of the same without a serial number: the socket tells; where sockets have no names, the old name.
        _ => alike.iter().find(in_socket).or_else(|| {
            let no_sockets = identity.by_path.is_none();
            alike.iter().find(named).filter(|_| no_sockets)
        }),
    };
    found.map(|(name, _)| name.as_str())
}

/// Sockets in which the printers of this process were last seen, by number of their opener.
static SOCKETS: Mutex<BTreeMap<u64, String>> = Mutex::new(BTreeMap::new());

/// Notes the socket of an opener's printer; `None` lets it go.
pub(crate) fn claim(opener: u64, socket: Option<String>) {
    let mut sockets = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    match socket {
        Some(socket) => sockets.insert(opener, socket),
        None => sockets.remove(&opener),
    };
}

/// Returns the sockets of all other openers' printers.
pub(crate) fn claimed_by_others(opener: u64) -> Vec<String> {
    let sockets = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    sockets.iter().filter(|(other, _)| **other != opener).map(|(_, socket)| socket.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ch340(socket: &str) -> UsbIdentity {
        UsbIdentity {
            vid: 0x1a86,
            pid: 0x7523,
            serial: None,
            interface: None,
            by_path: Some(format!("/dev/serial/by-path/{socket}")),
        }
    }

    #[test]
    fn the_printer_is_found_again_under_another_name() {
        let ours = ch340("left");
        let moved = [("/dev/ttyUSB7".to_owned(), ch340("left"))];
        assert_eq!(find("/dev/ttyUSB0", &ours, &moved, &[]), Some("/dev/ttyUSB7"));
        let other_socket = [("/dev/ttyUSB7".to_owned(), ch340("right"))];
        assert_eq!(
            find("/dev/ttyUSB0", &ours, &other_socket, &[]),
            Some("/dev/ttyUSB7"),
            "plugged in elsewhere"
        );
        let taken = ["/dev/serial/by-path/right".to_owned()];
        assert_eq!(find("/dev/ttyUSB0", &ours, &other_socket, &taken), None, "that is the other printer");
    }

    #[test]
    fn of_two_equal_boards_the_socket_tells_which() {
        // They came back in the other order.
        let both = [("/dev/ttyUSB0".to_owned(), ch340("right")), ("/dev/ttyUSB1".to_owned(), ch340("left"))];
        assert_eq!(find("/dev/ttyUSB0", &ch340("left"), &both, &[]), Some("/dev/ttyUSB1"));
        assert_eq!(find("/dev/ttyUSB1", &ch340("right"), &both, &[]), Some("/dev/ttyUSB0"));
        assert_eq!(find("/dev/ttyUSB0", &ch340("gone"), &both, &[]), None, "never a guess");
        let serial = |n: &str| UsbIdentity { serial: Some(n.into()), ..ch340("any") };
        let both = [("/dev/ttyACM0".to_owned(), serial("A")), ("/dev/ttyACM1".to_owned(), serial("B"))];
        assert_eq!(find("/dev/ttyACM0", &serial("B"), &both, &[]), Some("/dev/ttyACM1"));
    }

    #[test]
    fn strangers_are_told_from_printers() {
        let usb = |vid, pid, product: &str| UsbPortInfo {
            vid,
            pid,
            serial_number: None,
            manufacturer: None,
            product: Some(product.into()),
            interface: None,
        };
        assert!(matches!(likeness(&usb(0x1a86, 0x7523, "USB Serial")), Likeness::Printer(_)));
        assert!(matches!(likeness(&usb(0x0483, 0x5740, "Marlin USB Device")), Likeness::Printer(_)));
        assert!(matches!(likeness(&usb(0x0483, 0x374b, "STM32 STLink")), Likeness::Stranger(_)));
        assert!(matches!(
            likeness(&usb(0x10c4, 0xea60, "Sonoff Zigbee 3.0 USB Dongle")),
            Likeness::Stranger(_)
        ));
        assert!(matches!(likeness(&usb(0x2c7c, 0x0125, "EC25")), Likeness::Stranger(_)));
        assert_eq!(likeness(&usb(0xdead, 0xbeef, "groups of cups")), Likeness::Unknown);
    }
}
