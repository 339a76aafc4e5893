//! A serial port, opened for us alone, at a rate that is found, without resetting a board needlessly.

use crate::host::Host;
use crate::rates::Rates;
use crate::usb;
use crate::wait::Waiter;
use crate::{Bell, OpenError, OpenPort, Port};
use domain::UsbIdentity;
use serialport::{ClearBuffer, ErrorKind, SerialPort};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Reads and writes wait no longer.
const WAIT: Duration = Duration::from_millis(20);
/// DTR is held so long for a reset.
const RESET_PULSE: Duration = Duration::from_millis(100);

/// Opens a serial port, and finds it again by identity when it comes back under another name.
#[derive(Debug)]
pub struct SerialOpener {
    number: u64,
    path: String,
    rates: Rates,
    /// Known once it was open.
    identity: Option<UsbIdentity>,
    /// The rate of a board that speaks USB itself means nothing.
    native_usb: bool,
    /// Another port may be the printer's, so that only the usual rates are worth the time.
    other_ports: bool,
}

impl SerialOpener {
    /// Prepares to open `path`, first at `baud`; 0 is "find it". Nothing is opened yet.
    pub fn new(path: impl Into<String>, baud: u32) -> Self {
        static OPENERS: AtomicU64 = AtomicU64::new(0);
        let number = OPENERS.fetch_add(1, Ordering::Relaxed);
        Self {
            number,
            path: path.into(),
            rates: Rates::new(baud),
            identity: None,
            native_usb: false,
            other_ports: false,
        }
    }

    /// Looks for this device, as it was known when the app last ran. One that is plainly another device is forgotten.
    pub fn with_identity(mut self, identity: Option<UsbIdentity>) -> Self {
        let at_path = usb::usb_ports().into_iter().find(|(name, _)| usb::same_file(name, &self.path));
        // A person who chose another port means that one.
        let elsewhere = |known: &UsbIdentity| {
            at_path.as_ref().is_some_and(|(_, now)| (now.vid, now.pid) != (known.vid, known.pid))
        };
        self.identity = identity.filter(|known| !elsewhere(known));
        self.claim();
        self
    }

    fn claim(&self) {
        usb::claim(self.number, self.identity.as_ref().and_then(|usb| usb.by_path.clone()));
    }

    /// Returns the name to open now.
    fn find(&self) -> Option<String> {
        let Some(identity) = &self.identity else { return Some(self.path.clone()) };
        let ports = usb::usb_ports();
        usb::find(&self.path, identity, &ports, &usb::claimed_by_others(self.number)).map(str::to_owned)
    }
}

impl Drop for SerialOpener {
    fn drop(&mut self) {
        usb::claim(self.number, None);
    }
}

impl OpenPort for SerialOpener {
    fn open(&mut self) -> Result<Box<dyn Port>, OpenError> {
        let name = self.find().ok_or_else(|| OpenError::Missing { port: self.path.clone() })?;
        let ports = usb::usb_ports();
        let usb = ports.into_iter().find(|(port, _)| usb::same_file(port, &name)).map(|(_, usb)| usb);
        let ids = usb.as_ref().map(|usb| (usb.vid, usb.pid));
        let keeper = keep_dtr(&name);
        let baud = self.rates.open();
        let (port, waiter) = open_native(&name, baud).map_err(|e| why_not(&name, ids, &e))?;
        drop(keeper);
        // What came at another rate, or for another program, would pass for noise of this one.
        drop(port.clear(ClearBuffer::All));
        self.native_usb = usb.as_ref().is_some_and(|usb| usb::is_native(usb.vid));
        self.identity = usb.or(self.identity.take());
        self.claim();
        self.other_ports = usb::likely_printers() > 1;
        let mut serial = Serial { port, waiter, native_usb: self.native_usb };
        if self.rates.wants_reset()
            && !self.native_usb
            && let Err(error) = serial.reset()
        {
            // Not every port has such a line; the printer may answer all the same.
            tracing::debug!(name, %error, "the reset line cannot be worked");
        }
        Ok(Box::new(serial))
    }

    fn describe(&self) -> String {
        self.path.clone()
    }

    fn baud(&self) -> Option<u32> {
        Some(self.rates.now())
    }

    fn next_rate(&mut self) -> bool {
        !self.native_usb && self.rates.next(self.other_ports)
    }

    fn rate_is_right(&mut self) {
        self.rates.settle();
    }

    fn identity(&self) -> Option<UsbIdentity> {
        self.identity.clone()
    }
}

/// Tells the driver to leave DTR as it is when the port is closed, so that the next opening does not reset the board.
/// The answer is to be held until the port is open: the driver forgets when the last one lets go.
#[cfg(target_os = "linux")]
fn keep_dtr(name: &str) -> Option<std::fs::File> {
    use nix::sys::termios::{ControlFlags, SetArg, tcgetattr, tcsetattr};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = nix::fcntl::OFlag::O_NOCTTY | nix::fcntl::OFlag::O_NONBLOCK;
    let file =
        std::fs::OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(name).ok()?;
    let mut settings = tcgetattr(file.as_raw_fd()).ok()?;
    settings.control_flags.remove(ControlFlags::HUPCL);
    tcsetattr(file.as_raw_fd(), SetArg::TCSANOW, &settings).ok()?;
    Some(file)
}

#[cfg(not(target_os = "linux"))]
fn keep_dtr(_name: &str) -> Option<std::fs::File> {
    None
}

/// Opens a port whose writes take what fits and never wait for the rest: a board that takes no bytes must not hold up an
/// emergency stop.
#[cfg(unix)]
fn open_native(name: &str, baud: u32) -> serialport::Result<(Box<dyn SerialPort>, Waiter)> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use std::os::fd::AsRawFd;
    let port = serialport::new(name, baud).timeout(WAIT).open_native()?;
    let set = fcntl(port.as_raw_fd(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK));
    set.map_err(|e| serialport::Error::new(ErrorKind::Io(io::Error::from(e).kind()), e.desc()))?;
    let waiter = Waiter::new(port.as_raw_fd());
    Ok((Box::new(port), waiter))
}

/// The system's own time-outs hold here, for writes too.
#[cfg(not(unix))]
fn open_native(name: &str, baud: u32) -> serialport::Result<(Box<dyn SerialPort>, Waiter)> {
    Ok((serialport::new(name, baud).timeout(WAIT).open()?, Waiter::default()))
}

fn why_not(name: &str, usb: Option<(u16, u16)>, e: &serialport::Error) -> OpenError {
    let port = name.to_owned();
    let (host, device) = (Host::default(), Path::new(name));
    match e.kind {
        ErrorKind::Io(io::ErrorKind::NotFound) => OpenError::Missing { port },
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            let user = std::env::var("USER").unwrap_or_default();
            let trouble = host.forbidden(device, &user);
            OpenError::InTheWay { what: trouble.what, cure: trouble.cure }
        }
        // A port that another program locked is reported so; one that is gone has no file.
        ErrorKind::NoDevice if device.exists() || cfg!(windows) => match host.held(device, usb) {
            Some(trouble) => OpenError::InTheWay { what: trouble.what, cure: trouble.cure },
            None => OpenError::InUse { port },
        },
        ErrorKind::NoDevice => OpenError::Missing { port },
        ErrorKind::InvalidInput | ErrorKind::Unknown | ErrorKind::Io(_) => {
            OpenError::Failed { port, why: e.description.clone() }
        }
    }
}

struct Serial {
    port: Box<dyn SerialPort>,
    waiter: Waiter,
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

/// A second handle of an open port.
struct Spare(Box<dyn SerialPort>);

impl Write for Spare {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Port for Serial {
    fn wait(&mut self, bell: &Bell, to_write: bool, at_most: Duration) -> io::Result<bool> {
        self.waiter.wait(bell, to_write, at_most)
    }

    fn spare(&self) -> Option<Box<dyn Write + Send>> {
        let port = self.port.try_clone().ok()?;
        Some(Box::new(Spare(port)))
    }

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
        let error = |kind| why_not("/dev/null", None, &serialport::Error::new(kind, "odd")).to_string();
        let forbidden = error(ErrorKind::Io(io::ErrorKind::PermissionDenied));
        assert!(forbidden.contains("usermod") || forbidden.contains("log out"), "{forbidden}");
        assert!(error(ErrorKind::NoDevice).to_lowercase().contains("close"));
        assert!(error(ErrorKind::Io(io::ErrorKind::NotFound)).contains("plug in"));
        let gone = SerialOpener::new("/dev/no-such-printer", 115_200).open().err().map(|e| e.to_string());
        assert!(gone.is_some_and(|text| text.contains("plug in")));
    }
}
