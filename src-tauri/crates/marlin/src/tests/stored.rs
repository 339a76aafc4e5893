//! The settings of the reference firmware that keep a nozzle's height, and their storing.

/// What M503 tells, and what M500 makes last.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stored {
    /// Z of M851; `None`: it has no probe.
    pub(crate) probe: Option<f64>,
    /// Z of M206; `None`: it was built without.
    pub(crate) home: Option<f64>,
    /// M290 changes M851, too, and says so.
    pub(crate) steps_in_probe: bool,
    /// M500 says that it stored.
    pub(crate) stores: bool,
    /// M851 does not take what it is told.
    pub(crate) stubborn: bool,
    /// What lasts: M851 and M206.
    pub(crate) kept: (Option<f64>, Option<f64>),
}

impl Stored {
    /// Takes a command. Returns whether it was one of these.
    pub(crate) fn take(&mut self, text: &str, out: &mut Vec<String>) -> bool {
        let z = text.split(' ').skip(1).find_map(|word| word.strip_prefix('Z')?.parse::<f64>().ok());
        match text.split(' ').next().unwrap_or_default() {
            "M290" => {
                if let (Some(probe), Some(z), true) = (&mut self.probe, z, self.steps_in_probe) {
                    *probe += z;
                    out.push(format!("echo:Probe Offset Z{probe:.2}"));
                }
            }
            "M851" => match (&mut self.probe, z) {
                (Some(probe), Some(z)) if !self.stubborn => *probe = z,
                (Some(_), _) => out.push("?Z out of range (-20 to 20)".into()),
                (None, _) => out.push(format!("echo:Unknown command: \"{text}\"")),
            },
            "M206" => match (&mut self.home, z) {
                (Some(home), Some(z)) => *home = z,
                (Some(_), None) => (),
                (None, _) => out.push(format!("echo:Unknown command: \"{text}\"")),
            },
            "M503" => {
                out.push("echo:; Home offset:".into());
                out.extend(self.home.map(|z| format!("echo:  M206 X0.00 Y0.00 Z{z:.2}")));
                out.extend(self.probe.map(|z| format!("echo:  M851 X-44.00 Y-6.00 Z{z:.2} ; (mm)")));
            }
            "M500" if self.stores => {
                self.kept = (self.probe, self.home);
                out.push("echo:Settings Stored (569 bytes; crc 51723)".into());
            }
            "M500" => out.push("Error:EEPROM disabled".into()),
            _ => return false,
        }
        true
    }
}
