//! What a line from the printer means.

use crate::temperature::{Reading, readings};

/// A line from the printer, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A command was taken.
    Ok {
        /// The line's number, where the firmware says it.
        n: Option<u32>,
        /// Command slots that are free now, where the firmware says it.
        free: Option<u32>,
        /// Heaters, when the line carries them: then it answers an M105.
        heaters: Vec<Reading>,
        /// X, Y, Z, E, when the line carries them: then it answers an M114.
        place: Option<[f64; 4]>,
    },
    /// What may have been an `ok` before noise got at it.
    Damaged,
    /// The printer wants this line again; `None` when the number is damaged.
    Resend(Option<u32>),
    /// It works and takes nothing new.
    Busy(Busy),
    /// It has nothing to do.
    Wait,
    /// Heaters, unasked or before an `ok`.
    Heaters(Vec<Reading>),
    /// X, Y, Z, E as M114 tells them.
    Position([f64; 4]),
    /// The firmware has just started.
    Boot,
    /// The firmware stopped itself.
    Halted(String),
    /// It takes no commands until it is unlocked, though it says `ok`.
    Locked,
    /// An error that ends nothing.
    Harmless(String),
    /// A number or checksum was wrong; `Resend` follows, mostly. The number is the last line taken.
    BadLine(Option<u32>),
    /// M115's line.
    Firmware(String),
    /// A `Cap:` line.
    Cap(String, bool),
    /// `area:`'s greatest Z, mm.
    MaxZ(f64),
    /// `//action:` and its words.
    Action(String),
    /// The card's state.
    Card(bool),
    /// Anything else.
    Other,
}

/// What the printer is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// A command.
    Processing,
    /// It waits for a person.
    ForPerson,
}

/// Texts that end everything, in lower case.
const MUST_STOP: [&str; 18] = [
    "thermal runaway",
    "temperature runaway",
    "heating failed",
    "preheat error",
    "thermal malfunction",
    "maxtemp",
    "mintemp",
    "kill caused",
    "kill()",
    "printer halted",
    "watchdog barked",
    "homing failed",
    "probing failed",
    "stopped due to errors",
    "switched off",
    "lost communication with mcu",
    "emergency stop",
    "fatal:",
];

impl Reply {
    /// Understands one line; noise around it is taken off first.
    pub fn parse(raw: &str) -> Self {
        if raw == "ok" {
            return Self::Ok { n: None, free: None, heaters: Vec::new(), place: None };
        }
        let line: String = raw.chars().filter(|c| (' '..='~').contains(c)).collect();
        let noisy = line.len() != raw.trim_end_matches(['\r', '\n']).len();
        let line = line.trim();
        // When Klipper lets go of its boards it has forgotten as much as one that restarts.
        if line == "start" || line == "// Klipper state: Disconnect" || (noisy && line.ends_with("start")) {
            return Self::Boot;
        }
        if let Some(rest) = line.strip_prefix("ok").filter(|_| raw.trim_start().starts_with("ok")) {
            return ok(rest);
        }
        if matches!(line, "o" | "k" | "kok" | "oo" | "kk") || line.ends_with("ok") && noisy {
            return Self::Damaged;
        }
        resend(line)
            .or_else(|| action(line))
            .or_else(|| trouble(line))
            .or_else(|| facts(line))
            .unwrap_or(Self::Other)
    }
}

fn ok(rest: &str) -> Reply {
    let n = rest.trim_start();
    let n = n.strip_prefix('N').unwrap_or(n);
    let digits = n.find(|c: char| !c.is_ascii_digit()).unwrap_or(n.len());
    // `ok0` is no number, `ok 12` and `ok N12` are.
    let n = if rest.starts_with(' ') { n[..digits].parse().ok() } else { None };
    // `ok N12 P15 B3`: P blocks of the planner and B command slots are free. `B:60` is the bed.
    let advanced = rest.contains(" P");
    let free = rest.split(' ').filter(|_| advanced).find_map(|word| word.strip_prefix('B')?.parse().ok());
    // `ok X:10.0 Y:30.0 Z:0.0 E:60.0 Count: A:1000 B:3000 C:0`: no heater is that hot.
    let place = rest.find("X:").and_then(|at| position(&rest[at..]));
    let heaters = if place.is_some() { Vec::new() } else { readings(rest) };
    Reply::Ok { n, free, heaters, place }
}

/// Reads a wish for a line, also when one character of its word is damaged; a damaged number is none.
fn resend(line: &str) -> Option<Reply> {
    let word = |word: &str| line.get(word.len()..).filter(|_| nearly_starts_with(line, word));
    let rest = word("Resend:").or_else(|| word("resend:")).or_else(|| word("Resend "));
    let rest = rest.or_else(|| line.strip_prefix("rs "))?.trim_start();
    let rest = rest.strip_prefix('N').unwrap_or(rest);
    let number = rest.strip_prefix(':').unwrap_or(rest).split(' ').next();
    Some(Reply::Resend(number.and_then(|digits| digits.parse().ok())))
}

/// Returns whether a line starts with a word of which at most one character is damaged.
fn nearly_starts_with(line: &str, word: &str) -> bool {
    line.len() >= word.len() && line.bytes().zip(word.bytes()).filter(|(a, b)| a != b).count() <= 1
}

fn action(line: &str) -> Option<Reply> {
    let rest = line.strip_prefix("//")?.trim_start();
    rest.strip_prefix("action:").map(|words| Reply::Action(words.trim().to_owned()))
}

fn trouble(line: &str) -> Option<Reply> {
    let lower = line.to_ascii_lowercase();
    let error = lower.starts_with("error:") || lower.starts_with("!!");
    let last = lower.split_once("last line: ").filter(|_| nearly_starts_with(&lower, "error:"));
    if let Some((_, last)) = last {
        return Some(Reply::BadLine(last.trim_end().parse().ok()));
    }
    let shouts =
        error || lower.starts_with("fatal:") || lower.starts_with("//") || lower.starts_with("echo:");
    if error && (lower.contains("last line") || lower.contains("checksum")) {
        return Some(Reply::BadLine(None));
    }
    // Some firmwares break such an error over two lines, so one half may stand alone.
    let alone = lower.starts_with(':') || ["thermal", "kill", "fatal:"].iter().any(|w| lower.starts_with(w));
    // What a file or a person lets the firmware echo ends nothing, whatever it says.
    let own_words = ["echo:m112 shutdown", "// klipper state: shutdown"].iter().any(|w| lower.starts_with(w));
    if own_words || ((error || alone) && MUST_STOP.iter().any(|stop| lower.contains(stop))) {
        return Some(Reply::Halted(line.to_owned()));
    }
    if lower.starts_with("!!") {
        let refused = ["move out of range", "must home", "unknown command", "extrude"];
        let harmless = refused.iter().any(|text| lower.contains(text));
        return Some(if harmless { Reply::Harmless(line.into()) } else { Reply::Halted(line.into()) });
    }
    if lower.starts_with("echo:printer locked") {
        return Some(Reply::Locked);
    }
    let notable = ["unknown command", "cold extru", "invalid extruder"];
    (error || (shouts && notable.iter().any(|text| lower.contains(text))))
        .then(|| Reply::Harmless(line.to_owned()))
}

fn facts(line: &str) -> Option<Reply> {
    if line == "wait" {
        return Some(Reply::Wait);
    }
    // With one colon, two, or none behind the word.
    if let Some(what) = line.strip_prefix("echo:").unwrap_or(line).trim_start().strip_prefix("busy") {
        let person = what.contains("paused for");
        return Some(Reply::Busy(if person { Busy::ForPerson } else { Busy::Processing }));
    }
    if let Some((name, on)) = line.strip_prefix("Cap:").and_then(|cap| cap.rsplit_once(':')) {
        return Some(Reply::Cap(name.to_owned(), on.trim() == "1"));
    }
    if line.contains("FIRMWARE_NAME:") {
        return Some(Reply::Firmware(line.to_owned()));
    }
    if let Some(area) = line.strip_prefix("area:") {
        return crate::profile::area(area).map(|area| Reply::MaxZ(area.max[2]));
    }
    match line {
        "echo:SD card ok" => return Some(Reply::Card(true)),
        "echo:No SD card" | "SD init fail" => return Some(Reply::Card(false)),
        _ => (),
    }
    if let Some(place) = position(line) {
        return Some(Reply::Position(place));
    }
    let heaters = readings(line);
    (!heaters.is_empty()).then_some(Reply::Heaters(heaters))
}

/// Reads `X:.. Y:.. Z:.. E:..` at the start of a line.
fn position(line: &str) -> Option<[f64; 4]> {
    let mut rest = line;
    let mut place = [0.0; 4];
    for (axis, value) in ["X:", "Y:", "Z:", "E:"].into_iter().zip(&mut place) {
        rest = rest.trim_start().strip_prefix(axis)?.trim_start();
        let len = rest.find(|c: char| !(c.is_ascii_digit() || ".-".contains(c))).unwrap_or(rest.len());
        *value = rest[..len].parse().ok()?;
        rest = &rest[len..];
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_ok() -> Reply {
        Reply::Ok { n: None, free: None, heaters: Vec::new(), place: None }
    }

    #[test]
    fn lines_are_understood_in_all_their_forms() {
        let table = [
            ("ok", plain_ok()),
            ("ok\r", plain_ok()),
            ("ok0", plain_ok()),
            ("okok", plain_ok()),
            ("ok P15 B3", Reply::Ok { n: None, free: Some(3), heaters: Vec::new(), place: None }),
            ("ok N12 P15 B3", Reply::Ok { n: Some(12), free: Some(3), heaters: Vec::new(), place: None }),
            ("ok 12", Reply::Ok { n: Some(12), free: None, heaters: Vec::new(), place: None }),
            (
                "ok X:10.0 Y:30.0 Z:0.2 E:60.0 Count: A:1000 B:3000 C:0",
                Reply::Ok { n: None, free: None, heaters: Vec::new(), place: Some([10.0, 30.0, 0.2, 60.0]) },
            ),
            ("echo:busy paused for user", Reply::Busy(Busy::ForPerson)),
            ("busy:processing", Reply::Busy(Busy::Processing)),
            ("echo:Printer locked! (Unlock with M511 or LCD)", Reply::Locked),
            ("kok", Reply::Damaged),
            ("o", Reply::Damaged),
            ("\u{1}\u{fffd}ok", Reply::Damaged),
            ("Resend: 12", Reply::Resend(Some(12))),
            ("Resend:N:12", Reply::Resend(Some(12))),
            ("rs N12 Expected checksum 67", Reply::Resend(Some(12))),
            ("Besend: 12", Reply::Resend(Some(12))),
            ("Resenl: 12", Reply::Resend(Some(12))),
            ("Resend: u2", Reply::Resend(None)),
            ("Resend: 1s", Reply::Resend(None)),
            ("Resend: ", Reply::Resend(None)),
            ("echo:busy: processing", Reply::Busy(Busy::Processing)),
            ("echo:busy: paused for user", Reply::Busy(Busy::ForPerson)),
            ("wait", Reply::Wait),
            ("start", Reply::Boot),
            ("// Klipper state: Disconnect", Reply::Boot),
            ("\0\0\u{80}start", Reply::Boot),
            ("X:1.50 Y:-2.00 Z:0.20 E:3.00 Count X:0 Y:0 Z:0", Reply::Position([1.5, -2.0, 0.2, 3.0])),
            ("Error:checksum mismatch, Last Line: 3", Reply::BadLine(Some(3))),
            ("Erropzchecksum mismatch, Last Line: 3", Reply::Other),
            ("Errop:checksum mismatch, Last Line: 3", Reply::BadLine(Some(3))),
            ("Error:checksum mismatch, Last Line: 3~", Reply::BadLine(None)),
            ("Error: expected line 5 got 7, wrong checksum", Reply::BadLine(None)),
            ("Cap:EMERGENCY_PARSER:1", Reply::Cap("EMERGENCY_PARSER".into(), true)),
            ("//action:paused filament_runout 0", Reply::Action("paused filament_runout 0".into())),
            ("// action:cancel", Reply::Action("cancel".into())),
            ("area:{full:{min:{x:0.00,y:0.00,z:0.00},max:{x:200.00,y:200.00,z:180.00}}}", Reply::MaxZ(180.0)),
            ("echo:start of something", Reply::Other),
            ("", Reply::Other),
        ];
        for (line, want) in table {
            assert_eq!(Reply::parse(line), want, "{line:?}");
        }
    }

    #[test]
    fn must_stop_lines_halt_and_others_do_not() {
        let halts = [
            "Error:Thermal Runaway, system stopped! Heater_ID: 0",
            "Error:Heating failed, system stopped! Heater_ID: bed",
            "Error:Printer halted. kill() called!",
            "Error:MAXTEMP triggered, system stopped! Heater_ID: 0",
            ": Extruder switched off. MAXTEMP triggered !",
            "echo:M112 Shutdown",
            "!! Lost communication with MCU 'mcu'",
            "!!",
            "fatal: heater/sensor error",
            "// Klipper state: Shutdown",
        ];
        for line in halts {
            assert!(matches!(Reply::parse(line), Reply::Halted(_)), "{line}");
        }
        let harmless = [
            "Error:volume.init failed",
            "echo:Unknown command: \"g1 x2\"",
            "!! Move out of range: 999.0 0.0 0.0 [0.0]",
            "echo: cold extrusion prevented",
            "echo:T5 Invalid extruder",
        ];
        for line in harmless {
            assert!(matches!(Reply::parse(line), Reply::Harmless(_)), "{line}");
        }
        for line in ["echo:Now fresh file: mintemp.g", "echo:Runout sensor switched off", "// kill() it"] {
            assert_eq!(Reply::parse(line), Reply::Other, "{line}");
        }
    }
}
