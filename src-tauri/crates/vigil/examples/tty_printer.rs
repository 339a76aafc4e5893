//! A simulated printer at the far end of a real serial line, such as a USB gadget: for trying the app against a port
//! that the kernel takes for real. `stty -F PATH raw -echo` first.
//!
//! `cargo run -p vigil --example tty_printer -- PATH`

use sim::{SimHandle, SimOptions};
use station::SystemClock;
use std::fs::File;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("which serial line?"))?;
    let printer = SimHandle::new(SimOptions::default(), Arc::new(SystemClock::start(1.0)));
    let mut ear = File::options().read(true).write(true).open(path)?;
    let mut mouth = ear.try_clone()?;
    let speaker = printer.clone();
    std::thread::Builder::new().name("says".into()).spawn(move || {
        loop {
            let said = speaker.hear(1024, Duration::from_millis(20));
            // An unplugged line takes nothing; it is the same line when it is plugged in again.
            if !said.is_empty() && mouth.write_all(&said).is_err() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    })?;
    let mut buffer = [0; 1024];
    loop {
        match ear.read(&mut buffer) {
            Ok(0) | Err(_) => std::thread::sleep(Duration::from_millis(50)),
            Ok(n) => printer.send(&buffer[..n]),
        }
    }
}
