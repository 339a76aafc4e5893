//! The card of the reference firmware.

/// The card of the reference firmware: each question finds it read on by a hundred bytes.
#[derive(Debug, Clone)]
pub(crate) struct CardSim {
    pub(crate) list: Vec<&'static str>,
    pub(crate) at: u64,
    pub(crate) of: u64,
    pub(crate) open: bool,
    pub(crate) prints: bool,
    /// So many `M25` get lost.
    pub(crate) deaf_pauses: u32,
}

impl CardSim {
    pub(crate) fn new() -> Self {
        let list = vec!["SHORT.GCO 2000", "ALONGF~1.GCO 85818", "/SUBDIR/PLATE.GCO 62219"];
        Self { list, at: 0, of: 2000, open: false, prints: false, deaf_pauses: 0 }
    }

    pub(crate) fn rebooted(self) -> Self {
        Self { at: 0, open: false, prints: false, ..self }
    }

    /// Carries a command out, if it is the card's.
    pub(crate) fn take(&mut self, text: &str, out: &mut Vec<String>) -> bool {
        let (code, rest) = text.split_once(' ').unwrap_or((text, ""));
        match code {
            "M21" => out.push("echo:SD card ok".into()),
            "M20" => {
                out.push("Begin file list".into());
                out.extend(self.list.iter().map(|line| (*line).to_owned()));
                out.push("End file list".into());
            }
            "M23" if self.list.iter().any(|line| line.starts_with(&format!("{rest} "))) => {
                (self.open, self.at) = (true, 0);
                out.push(format!("echo:Now fresh file: {}", rest.to_ascii_lowercase()));
                out.push(format!("File opened: {} Size: {}", rest.to_ascii_lowercase(), self.of));
                out.push("File selected".into());
            }
            "M23" => out.push(format!("open failed, File: {rest}.")),
            "M24" => self.prints = self.open,
            "M25" if self.deaf_pauses > 0 => self.deaf_pauses -= 1,
            "M25" => self.prints = false,
            "M524" => (self.prints, self.open) = (false, false),
            "M27" if self.prints => {
                self.at = (self.at + 100).min(self.of);
                out.push(format!("SD printing byte {}/{}", self.at, self.of));
                if self.at == self.of {
                    (self.prints, self.open) = (false, false);
                    out.push("Done printing file".into());
                }
            }
            "M27" => out.push("Not SD printing".into()),
            _ => return false,
        }
        true
    }
}
