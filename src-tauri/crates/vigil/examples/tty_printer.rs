//! A simulated printer at the far end of a real serial line, such as a USB gadget: for trying the app against a port
//! that the kernel takes for real. Needs `stty`.
//!
//! `cargo run -p vigil --example tty_printer -- PATH`

use sim::{SimHandle, SimOptions};
use station::SystemClock;
use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("which serial line?"))?;
    let printer = SimHandle::new(SimOptions::default(), Arc::new(SystemClock::start(1.0)));
    loop {
        // An unplugged line hangs up: it is opened again until it is back. The printer itself runs on.
        if let Ok(line) = File::options().read(true).write(true).open(&path) {
            Command::new("stty").args(["-F", &path, "raw", "-echo"]).status()?;
            talk(line, &printer)?;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Carries bytes both ways until the line hangs up.
fn talk(mut ear: File, printer: &SimHandle) -> anyhow::Result<()> {
    let mut mouth = ear.try_clone()?;
    let speaker = printer.clone();
    let over = Arc::new(AtomicBool::new(false));
    let stop = over.clone();
    let says = std::thread::Builder::new().name("says".into()).spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            let said = speaker.hear(1024, Duration::from_millis(20));
            if !said.is_empty() && mouth.write_all(&said).is_err() {
                return;
            }
        }
    })?;
    let mut buffer = [0; 1024];
    while !says.is_finished() {
        match ear.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => printer.send(&buffer[..n]),
        }
    }
    over.store(true, Ordering::Relaxed);
    says.join().map_err(|_| anyhow::anyhow!("the speaking half failed"))
}
