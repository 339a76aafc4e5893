//! The simulated printer behind a pseudo terminal, so that the code for real serial ports can talk to it.
//!
//! A pseudo terminal has no DTR: whoever opens it gets a printer that boots once and then keeps running.

use crate::handle::SimHandle;
use crate::machine::Fault;
use serialport::{SerialPort, TTYPort};
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(10);

/// A printer at the end of a pseudo terminal. Dropping it pulls the cable.
pub struct SimPty {
    path: String,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl SimPty {
    /// Connects `printer` to a new pseudo terminal.
    ///
    /// # Errors
    /// When the system has no pseudo terminal left, or no thread.
    pub fn connect(printer: SimHandle) -> io::Result<Self> {
        let (mut ours, theirs) = TTYPort::pair()?;
        let path = theirs.name().ok_or_else(|| io::Error::other("the pseudo terminal has no name"))?;
        ours.set_timeout(PATIENCE)?;
        let mouth = ours.try_clone_native()?;
        let stop = Arc::new(AtomicBool::new(false));
        // `theirs` stays open in a thread: without it, reads would fail whenever nobody has the port open.
        let hears = thread("sim-pty-hears", {
            let (printer, stop) = (printer.clone(), stop.clone());
            move || listen(ours, theirs, &printer, &stop)
        })?;
        let says = thread("sim-pty-says", {
            let stop = stop.clone();
            move || speak(mouth, &printer, &stop)
        })?;
        Ok(Self { path, stop, threads: vec![hears, says] })
    }

    /// Returns the port's path, such as `/dev/pts/3`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Drop for SimPty {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the simulated port panicked");
            }
        }
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.into()).spawn(run)
}

fn is_over(printer: &SimHandle, stop: &AtomicBool) -> bool {
    stop.load(Ordering::SeqCst) || printer.has_fault(Fault::CablePulled)
}

fn listen(mut ear: TTYPort, _theirs: TTYPort, printer: &SimHandle, stop: &AtomicBool) {
    let mut buffer = [0; 1024];
    while !is_over(printer, stop) {
        match ear.read(&mut buffer) {
            Ok(n) => printer.send(&buffer[..n]),
            Err(e) if matches!(e.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => (),
            Err(_) => return,
        }
    }
}

fn speak(mut mouth: TTYPort, printer: &SimHandle, stop: &AtomicBool) {
    while !is_over(printer, stop) {
        let mut said = &printer.hear(1024, PATIENCE)[..];
        while !said.is_empty() && !is_over(printer, stop) {
            // Nobody reads: the terminal's buffer is full, as a cable's would be.
            match mouth.write(said) {
                Ok(n) => said = &said[n..],
                Err(e) if matches!(e.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => (),
                Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimOptions;
    use crate::clock::FastClock;

    fn printer() -> SimHandle {
        SimHandle::new(SimOptions::default(), Arc::new(FastClock::new(20.0)))
    }

    fn open(pty: &SimPty) -> TTYPort {
        serialport::new(pty.path(), 115_200)
            .timeout(Duration::from_millis(20))
            .open_native()
            .expect("it opens")
    }

    /// Returns what is said until `sought`, or the error that ends it.
    fn read_until(port: &mut TTYPort, sought: &str) -> io::Result<String> {
        let (mut said, mut silent) = (String::new(), 0);
        let mut buffer = [0; 256];
        while !said.contains(sought) && silent < 200 {
            match port.read(&mut buffer) {
                Ok(n) => said.push_str(&String::from_utf8_lossy(&buffer[..n])),
                Err(e) if e.kind() == io::ErrorKind::TimedOut => silent += 1,
                Err(e) => return Err(e),
            }
        }
        Ok(said)
    }

    #[test]
    fn the_real_serial_code_talks_to_it() {
        let pty = SimPty::connect(printer()).expect("a pseudo terminal");
        let mut port = open(&pty);
        assert!(read_until(&mut port, "prompt_end").expect("banner").contains("start\n"));
        port.write_all(b"N0 M110 N0*125\nN1 M115*39\n").expect("it takes bytes");
        let said = read_until(&mut port, "ok N1").expect("answers");
        assert!(said.contains("ok N0 P15 B3\n") && said.contains("Cap:EMERGENCY_PARSER:1\n"), "{said}");
        drop(port);
        let mut again = open(&pty);
        again.write_all(b"M105\n").expect("it takes bytes");
        assert!(read_until(&mut again, "ok T:").expect("it still runs").contains("ok T:"));
    }

    #[test]
    fn a_pulled_cable_is_an_error_for_the_reader() {
        let printer = printer();
        let pty = SimPty::connect(printer.clone()).expect("a pseudo terminal");
        let mut port = open(&pty);
        read_until(&mut port, "prompt_end").expect("banner");
        printer.set_fault(Fault::CablePulled, true);
        let broken = read_until(&mut port, "never said");
        assert!(broken.is_err(), "{broken:?}");
    }
}
