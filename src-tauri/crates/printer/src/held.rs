//! The open port, with what came in and what still has to go out. It outlives whatever fails beside it.

use crate::Port;
use crate::faults::guarded;
use crate::lines::{LineReader, LineWriter};
use crate::stop::StopLine;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// A port that takes no byte for so long is broken, real time.
const WRITE_STUCK: Duration = Duration::from_secs(10);
/// What has to leave at once leaves within this, or the port is closed and opened again.
const OUT_WITHIN: Duration = Duration::from_millis(300);

/// The port, when it is open. Its second handle lies with those who may stop the printer. All times are real, since the
/// thread began.
pub(crate) struct HeldPort {
    stop: Arc<StopLine>,
    port: Option<Box<dyn Port>>,
    reader: LineReader,
    writer: LineWriter,
    last_written: Duration,
}

impl HeldPort {
    pub(crate) fn new(stop: Arc<StopLine>) -> Self {
        Self {
            stop,
            port: None,
            reader: LineReader::default(),
            writer: LineWriter::default(),
            last_written: Duration::ZERO,
        }
    }

    /// Takes a port that was opened just now.
    pub(crate) fn hold(&mut self, port: Box<dyn Port>, now: Duration) {
        self.stop.opened(port.spare());
        self.port = Some(port);
        (self.reader, self.writer) = Default::default();
        self.last_written = now;
    }

    /// Closes the port. A driver that panics even then harms nobody.
    pub(crate) fn close(&mut self) {
        self.stop.closed();
        let port = self.port.take();
        drop(guarded(|| drop(port)));
    }

    pub(crate) fn is_open(&self) -> bool {
        self.port.is_some()
    }

    /// Returns the port itself, when it is open.
    pub(crate) fn port(&mut self) -> Option<&mut dyn Port> {
        self.port.as_mut().map(|port| port.as_mut() as &mut dyn Port)
    }

    /// Returns whether opening the port leaves the board alone; `None` when it is not open.
    pub(crate) fn native_usb(&self) -> Option<bool> {
        self.port.as_ref().map(|port| port.native_usb())
    }

    /// Waits until the port brings something, the bell rings, or the time is over. Returns whether to read.
    pub(crate) fn wait(&mut self, at_most: Duration) -> io::Result<bool> {
        let to_write = !self.writer.is_empty();
        match self.port.as_mut() {
            Some(port) => port.wait(self.stop.bell(), to_write, at_most),
            None => {
                self.stop.bell().wait(at_most);
                Ok(false)
            }
        }
    }

    /// Reads once. Returns the lines that are complete.
    pub(crate) fn read(&mut self) -> io::Result<Vec<String>> {
        self.port.as_mut().map_or(Ok(Vec::new()), |port| self.reader.read_from(port.as_mut()))
    }

    /// Returns what was read that is no line of a printer.
    pub(crate) fn noise(&self) -> &marlin::Noise {
        &self.reader.noise
    }

    /// Puts a line behind those that wait.
    pub(crate) fn push(&mut self, line: &str) {
        self.writer.push(line);
    }

    /// Returns how many bytes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.writer.len()
    }

    /// Writes what the port takes now; nothing when it is closed.
    ///
    /// # Errors
    /// When the port fails, or has taken nothing for ten seconds.
    pub(crate) fn write(&mut self, now: Duration) -> io::Result<()> {
        if !self.is_open() {
            return Ok(());
        }
        if self.writer.is_empty() || self.write_some()? > 0 {
            self.last_written = now;
        } else if now > self.last_written + WRITE_STUCK {
            return Err(io::Error::other("the port takes no more bytes"));
        }
        Ok(())
    }

    /// Writes what the port takes now, however long it has taken nothing. Returns how many bytes that was.
    ///
    /// # Errors
    /// When the port fails.
    pub(crate) fn write_some(&mut self) -> io::Result<usize> {
        self.port.as_mut().map_or(Ok(0), |port| self.writer.write_to(port.as_mut()))
    }

    /// Writes these lines instead of all that waits, as far as the port takes them now. A port that fails now is found
    /// out later.
    pub(crate) fn write_instead(&mut self, lines: &[String]) {
        let Some(port) = self.port.as_mut() else { return };
        replace(&mut self.writer, lines);
        drop(self.writer.write_to(port.as_mut()));
    }

    /// Writes these lines instead of all that waits, and stays until they have left. Returns whether they have; the port
    /// is closed where they have not. `now` asks for the time.
    pub(crate) fn send_now(&mut self, lines: &[String], now: impl Fn() -> Duration) -> bool {
        replace(&mut self.writer, lines);
        let until = now() + OUT_WITHIN;
        while let Some(port) = self.port.as_mut()
            && now() < until
        {
            match guarded(|| self.writer.write_to(port.as_mut())) {
                Ok(Ok(_)) if self.writer.is_empty() => return true,
                Ok(Ok(_)) => (),
                Ok(Err(_)) | Err(_) => break,
            }
        }
        self.close();
        false
    }

    /// Writes what waits until `until`, the last before the port is closed.
    pub(crate) fn write_rest(&mut self, until: Duration, now: impl Fn() -> Duration) {
        while let Some(port) = self.port.as_mut()
            && !self.writer.is_empty()
            && now() < until
        {
            if self.writer.write_to(port.as_mut()).is_err() {
                return;
            }
        }
    }
}

fn replace(writer: &mut LineWriter, lines: &[String]) {
    let Some((first, rest)) = lines.split_first() else { return };
    writer.instead(first);
    rest.iter().for_each(|line| writer.push(line));
}
