//! Serial ports of the system: which there are, and how one is opened for us alone.

use crate::{OpenError, OpenPort, Port};
use serialport::{ErrorKind, SerialPort, SerialPortType, UsbPortInfo};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

/// Reads and writes wait no longer.
const WAIT: Duration = Duration::from_millis(20);
/// DTR is held so long for a reset.
const RESET_PULSE: Duration = Duration::from_millis(100);

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
/// Of those, boards whose processor is the USB device: DTR does not reset them.
const NATIVE: [u16; 4] = [0x0483, 0x1d50, 0x1209, 0x1eaf];

/// A serial port of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortInfo {
    /// What to open; the by-id path where there is one, since it survives replugging.
    pub path: String,
    /// For people.
    pub label: String,
    /// It looks like a printer.
    pub likely: bool,
    /// What makes it likely or not.
    pub why: String,
}

/// Lists the serial ports, likely printers first.
pub fn list_ports() -> Vec<PortInfo> {
    let mut ports: Vec<PortInfo> =
        serialport::available_ports().unwrap_or_default().into_iter().filter_map(port_info).collect();
    ports.sort_by(|a, b| (!a.likely, &a.path).cmp(&(!b.likely, &b.path)));
    ports
}

fn port_info(port: serialport::SerialPortInfo) -> Option<PortInfo> {
    let short = port.port_name.rsplit('/').next().unwrap_or_default().to_owned();
    match port.port_type {
        SerialPortType::UsbPort(usb) => {
            let maker = maker_of(usb.vid);
            let product = usb.product.clone().or(usb.manufacturer.clone());
            let name = product.unwrap_or_else(|| format!("USB {:04x}:{:04x}", usb.vid, usb.pid));
            Some(PortInfo {
                path: by_id(&port.port_name).unwrap_or(port.port_name),
                label: format!("{} ({short})", name.replace('_', " ")),
                likely: maker.is_some(),
                why: maker.unwrap_or("not a chip that printers are known for").to_owned(),
            })
        }
        // Built-in ports are listed by the dozen and have nothing behind them.
        SerialPortType::Unknown if short.starts_with("ttyS") => None,
        SerialPortType::Unknown | SerialPortType::PciPort | SerialPortType::BluetoothPort => Some(PortInfo {
            path: port.port_name,
            label: short,
            likely: false,
            why: "not a USB port".to_owned(),
        }),
    }
}

fn maker_of(vid: u16) -> Option<&'static str> {
    MAKERS.iter().find(|(maker, _)| *maker == vid).map(|(_, name)| *name)
}

/// Returns the by-id path that leads to a device.
fn by_id(path: &str) -> Option<String> {
    let real = std::fs::canonicalize(path).ok()?;
    let entries = std::fs::read_dir("/dev/serial/by-id").ok()?;
    let leads_here =
        |entry: &std::fs::DirEntry| std::fs::canonicalize(entry.path()).is_ok_and(|to| to == real);
    let mut found: Vec<_> = entries.flatten().filter(leads_here).map(|e| e.path()).collect();
    found.sort();
    found.first()?.to_str().map(str::to_owned)
}

/// What makes a device the same after replugging.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    vid: u16,
    pid: u16,
    serial: Option<String>,
    interface: Option<u8>,
}

impl Identity {
    fn of(usb: &UsbPortInfo) -> Self {
        Self { vid: usb.vid, pid: usb.pid, serial: usb.serial_number.clone(), interface: usb.interface }
    }
}

/// Opens a serial port, and finds it again by identity when it comes back under another name.
#[derive(Debug)]
pub struct SerialOpener {
    path: String,
    baud: u32,
    /// Known once it was open.
    identity: Option<Identity>,
}

impl SerialOpener {
    /// Prepares to open `path` at `baud`; nothing is opened yet.
    pub fn new(path: impl Into<String>, baud: u32) -> Self {
        Self { path: path.into(), baud, identity: None }
    }

    /// Returns the name to open now.
    fn find(&self) -> String {
        let Some(identity) = &self.identity else { return self.path.clone() };
        let ports = usb_ports();
        let same = |(_, usb): &&(String, UsbPortInfo)| Identity::of(usb) == *identity;
        let named = |(name, _): &&(String, UsbPortInfo)| same_file(name, &self.path);
        // The old name, as long as the same device is behind it, else where the device is now.
        let found = ports.iter().filter(same).find(named).or_else(|| {
            let mut all = ports.iter().filter(same);
            // Two of the same without a serial number: which one is ours cannot be told.
            all.next().filter(|_| all.next().is_none())
        });
        found.map_or(self.path.clone(), |(name, _)| name.clone())
    }
}

impl OpenPort for SerialOpener {
    fn open(&mut self) -> Result<Box<dyn Port>, OpenError> {
        let name = self.find();
        let port = serialport::new(&name, self.baud).timeout(WAIT).open().map_err(|e| why_not(&name, &e))?;
        let usb = usb_ports().into_iter().find(|(usb, _)| same_file(usb, &name)).map(|(_, usb)| usb);
        let native_usb = usb.as_ref().is_some_and(|usb| NATIVE.contains(&usb.vid));
        self.identity = usb.as_ref().map(Identity::of).or(self.identity.take());
        Ok(Box::new(Serial { port, native_usb }))
    }

    fn describe(&self) -> String {
        self.path.clone()
    }

    fn baud(&self) -> Option<u32> {
        Some(self.baud)
    }
}

fn usb_ports() -> Vec<(String, UsbPortInfo)> {
    let usb = |port: serialport::SerialPortInfo| match port.port_type {
        SerialPortType::UsbPort(usb) => Some((port.port_name, usb)),
        SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => None,
    };
    serialport::available_ports().unwrap_or_default().into_iter().filter_map(usb).collect()
}

fn same_file(a: &str, b: &str) -> bool {
    let real = |path: &str| std::fs::canonicalize(path).ok();
    a == b || real(a).is_some_and(|real_a| real(b) == Some(real_a))
}

fn why_not(name: &str, e: &serialport::Error) -> OpenError {
    let port = name.to_owned();
    match e.kind {
        ErrorKind::Io(io::ErrorKind::NotFound) => OpenError::Missing { port },
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            let group = if Path::new("/etc/arch-release").exists() { "uucp" } else { "dialout" };
            OpenError::Forbidden { port, group: group.to_owned() }
        }
        // A port that another program locked is reported so; one that is gone has no file.
        ErrorKind::NoDevice if Path::new(name).exists() || cfg!(windows) => OpenError::InUse { port },
        ErrorKind::NoDevice => OpenError::Missing { port },
        ErrorKind::InvalidInput | ErrorKind::Unknown | ErrorKind::Io(_) => {
            OpenError::Failed { port, why: e.description.clone() }
        }
    }
}

struct Serial {
    port: Box<dyn SerialPort>,
    native_usb: bool,
}

impl Read for Serial {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.port.read(buf) {
            // Readable, but without a byte: the device is gone.
            Ok(0) if !buf.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            other => other,
        }
    }
}

impl Write for Serial {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.port.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Draining may block for as long as the printer does; the bytes leave by themselves.
        Ok(())
    }
}

impl Port for Serial {
    fn reset(&mut self) -> io::Result<()> {
        self.port.write_data_terminal_ready(false)?;
        std::thread::sleep(RESET_PULSE);
        self.port.write_data_terminal_ready(true)?;
        Ok(())
    }

    fn native_usb(&self) -> bool {
        self.native_usb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_cannot_be_opened_says_what_to_do() {
        let error = |kind| why_not("/dev/null", &serialport::Error::new(kind, "odd")).to_string();
        assert!(error(ErrorKind::Io(io::ErrorKind::PermissionDenied)).contains("usermod"));
        assert!(error(ErrorKind::NoDevice).contains("close the other program"));
        assert!(error(ErrorKind::Io(io::ErrorKind::NotFound)).contains("plug in"));
        let gone = SerialOpener::new("/dev/no-such-printer", 115_200).open().err().map(|e| e.to_string());
        assert!(gone.is_some_and(|text| text.contains("plug in")));
    }
}
