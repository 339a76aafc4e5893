//! The simulated printer's port, in memory.

use crate::handle::SimHandle;
use crate::machine::{Board, Fault};
use printer::{OpenError, OpenPort, Port};
use std::io::{self, Read, Write};
use std::time::Duration;

/// What a `Port` promises at most.
const READ_PATIENCE: Duration = Duration::from_millis(20);
const NAME: &str = "demo printer";

/// Opens the port of a simulated printer, as often as asked.
#[derive(Clone)]
pub struct SimOpener {
    printer: SimHandle,
}

impl SimOpener {
    /// Opens `printer` when asked.
    pub fn new(printer: SimHandle) -> Self {
        Self { printer }
    }
}

impl OpenPort for SimOpener {
    fn open(&mut self) -> Result<Box<dyn Port>, OpenError> {
        if self.printer.has_fault(Fault::CablePulled) {
            return Err(OpenError::Missing { port: NAME.into() });
        }
        if !self.printer.take_port() {
            return Err(OpenError::InUse { port: NAME.into() });
        }
        let mut port = SimPort { printer: self.printer.clone() };
        // Opening raises DTR.
        port.reset().map_err(|e| OpenError::Failed { port: NAME.into(), why: e.to_string() })?;
        Ok(Box::new(port))
    }

    fn describe(&self) -> String {
        NAME.into()
    }

    fn baud(&self) -> Option<u32> {
        Some(115_200)
    }
}

/// An open port. Dropping it closes it.
struct SimPort {
    printer: SimHandle,
}

impl SimPort {
    fn check_cable(&self) -> io::Result<()> {
        if self.printer.has_fault(Fault::CablePulled) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the cable was pulled"));
        }
        Ok(())
    }
}

impl Read for SimPort {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check_cable()?;
        let said = self.printer.hear(buffer.len(), READ_PATIENCE);
        self.check_cable()?;
        if said.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        buffer[..said.len()].copy_from_slice(&said);
        Ok(said.len())
    }
}

impl Write for SimPort {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check_cable()?;
        self.printer.send(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check_cable()
    }
}

impl Port for SimPort {
    fn reset(&mut self) -> io::Result<()> {
        self.check_cable()?;
        if !self.native_usb() {
            self.printer.reset();
        }
        Ok(())
    }

    fn native_usb(&self) -> bool {
        self.printer.options().board == Board::NativeUsb
    }
}

impl Drop for SimPort {
    fn drop(&mut self) {
        self.printer.release_port();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FastClock;
    use crate::handle::real_now;
    use crate::{SimOptions, StepClock};
    use std::sync::Arc;

    fn open(printer: &SimHandle) -> Result<Box<dyn Port>, OpenError> {
        SimOpener::new(printer.clone()).open()
    }

    /// Reads until `sought` was said; gives up after so many silent reads.
    fn read_until(port: &mut dyn Port, sought: &str) -> String {
        let (mut said, mut silent) = (String::new(), 0);
        let mut buffer = [0; 64];
        while !said.contains(sought) && silent < 200 {
            match port.read(&mut buffer) {
                Ok(n) => said.push_str(std::str::from_utf8(&buffer[..n]).expect("ASCII")),
                Err(e) => {
                    assert_eq!(e.kind(), io::ErrorKind::TimedOut);
                    silent += 1;
                }
            }
        }
        said
    }

    #[test]
    fn a_port_boots_answers_and_is_held_by_one() {
        let printer = SimHandle::new(SimOptions::default(), Arc::new(FastClock::new(20.0)));
        let mut port = open(&printer).expect("it is free");
        assert!(read_until(&mut *port, "prompt_end").contains("start\n"));
        assert!(matches!(open(&printer), Err(OpenError::InUse { .. })));
        port.write_all(b"M105\n").expect("the cable is in");
        assert!(read_until(&mut *port, "\n").starts_with("ok T:2"));
        assert_eq!(printer.received().len(), 1);
        drop(port);
        assert!(open(&printer).is_ok(), "dropping it frees it");
    }

    #[test]
    fn opening_restarts_a_board_with_dtr_and_no_other() {
        for (board, restarts) in [(Board::ResetsOnDtr, true), (Board::NativeUsb, false)] {
            let clock = Arc::new(StepClock::new());
            let printer = SimHandle::new(SimOptions { board, ..SimOptions::default() }, clock.clone());
            clock.advance(5_000);
            printer.send(b"M104 S100\n");
            let port = open(&printer).expect("it is free");
            assert_eq!(printer.state().hotend_target_c == 0.0, restarts, "{board:?}");
            assert_eq!(port.native_usb(), !restarts);
        }
    }

    #[test]
    fn a_pulled_cable_breaks_the_port_and_the_printer_goes_on() {
        let printer = SimHandle::new(SimOptions::default(), Arc::new(StepClock::new()));
        let mut port = open(&printer).expect("it is free");
        printer.set_fault(Fault::CablePulled, true);
        assert_eq!(port.read(&mut [0; 8]).map_err(|e| e.kind()), Err(io::ErrorKind::BrokenPipe));
        assert!(port.write(b"M105\n").is_err());
        drop(port);
        assert!(matches!(open(&printer), Err(OpenError::Missing { .. })));
        printer.set_fault(Fault::CablePulled, false);
        assert!(open(&printer).is_ok());
    }

    #[test]
    fn a_silent_read_returns_within_its_patience_and_a_busy_one_at_once() {
        let printer = SimHandle::new(SimOptions::default(), Arc::new(FastClock::new(1.0)));
        let start = real_now();
        assert!(printer.hear(64, READ_PATIENCE).is_empty(), "it boots for more than a second");
        assert!(start.elapsed() >= READ_PATIENCE);
    }
}
