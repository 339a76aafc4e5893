//! Keeps the machine awake while a print runs.

/// Holds the machine awake, or lets it sleep.
pub trait Awake: Send {
    /// Asks the system to stay awake (`true`) or not to care any more. Called only on changes.
    fn hold(&mut self, printing: bool);
}

/// Asks the desktop through its own service.
#[derive(Default)]
pub struct DesktopAwake {
    held: Option<keepawake::KeepAwake>,
}

impl Awake for DesktopAwake {
    fn hold(&mut self, printing: bool) {
        if !printing {
            self.held = None;
            return;
        }
        let asked = keepawake::Builder::default()
            .idle(true)
            .sleep(true)
            .display(false)
            .reason("A 3D print is running")
            .app_name("Printvigil")
            .app_reverse_domain("io.github.printvigil")
            .create();
        match asked {
            Ok(held) => self.held = Some(held),
            Err(error) => tracing::warn!(%error, "the computer may fall asleep during the print"),
        }
    }
}

/// Does nothing; for tests.
#[derive(Debug, Default)]
pub struct NoAwake;

impl Awake for NoAwake {
    fn hold(&mut self, _printing: bool) {}
}
