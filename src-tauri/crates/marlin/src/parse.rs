//! Reads a line from the printer.

use crate::number::leading;
use crate::reply::{Busy, Position, Reply};
use crate::temperature::readings;
use crate::trouble;

impl Reply {
    /// Understands one line; noise around it is taken off first.
    pub fn parse(raw: &str) -> Self {
        if raw == "ok" {
            return Self::Ok { n: None, free: None, heaters: Vec::new(), position: None };
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
        if matches!(line, "o" | "k" | "kok" | "oo" | "kk") || ends_with_ok(line, noisy) {
            return Self::Damaged;
        }
        resend(line)
            .or_else(|| action(line))
            .or_else(|| trouble::parse(line, raw))
            .or_else(|| facts(line))
            .unwrap_or(Self::Other)
    }
}

/// Returns whether an `ok` stands at the end of something else: `Bed Heating...ok`, ` T:20 /0ok`, noise.
fn ends_with_ok(line: &str, noisy: bool) -> bool {
    // "SD card ok" and the like are words of a sentence.
    let glued = |before: &str| before.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    line.strip_suffix("ok").is_some_and(|before| noisy || glued(before))
}

fn ok(rest: &str) -> Reply {
    // `ok N12 P15 B3`: P blocks of the planner and B command slots are free. `B:60` is the bed.
    let advanced = rest.contains(" P");
    let free = rest.split(' ').filter(|_| advanced).find_map(|word| word.strip_prefix('B')?.parse().ok());
    // `ok X:10.0 Y:30.0 Z:0.0 E:60.0 Count: A:1000 B:3000 C:0`: no heater is that hot.
    let position = rest.find("X:").and_then(|at| position(&rest[at..]));
    let heaters = if position.is_some() { Vec::new() } else { readings(rest) };
    Reply::Ok { n: line_number(rest), free, heaters, position }
}

/// Reads the number in ` 12`, ` N12` and ` N:12`; `ok0` has none.
fn line_number(rest: &str) -> Option<u32> {
    let rest = rest.strip_prefix(' ')?.trim_start();
    let rest = rest.strip_prefix('N').map_or(rest, |n| n.strip_prefix(':').unwrap_or(n).trim_start());
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

/// Reads a request for a line in all its spellings: `Resend: 12`, `RESEND N12`, `rs: 12`, `rs N12 Expected checksum 67`;
/// also when one letter of the long word is damaged. A damaged number is none.
fn resend(line: &str) -> Option<Reply> {
    let rest = [("resend", 1), ("rs", 0)].into_iter().find_map(|(word, most_damaged)| {
        let (start, rest) = line.split_at_checked(word.len())?;
        let damaged = start.bytes().zip(word.bytes()).filter(|(a, b)| !a.eq_ignore_ascii_case(b)).count();
        let separate = |c: char| c.is_ascii_digit() || c.eq_ignore_ascii_case(&'n') || !c.is_alphanumeric();
        let ends = rest.chars().next().is_none_or(separate);
        // A single damaged letter, and nothing else of the word, may be damaged.
        let colon = damaged == 0 || rest.starts_with([':', ' ']);
        (damaged <= most_damaged && ends && colon).then_some(rest)
    })?;
    // `rs485` is a bus.
    let is_bus =
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(' ') && line.len() - rest.len() == 2;
    let rest = if is_bus { return None } else { rest.trim_start_matches([' ', ':', ';']) };
    let rest = rest.strip_prefix(['N', 'n']).unwrap_or(rest).trim_start_matches([' ', ':']);
    let mut words = rest.split_ascii_whitespace();
    let digits = words.next().unwrap_or_default().trim_end_matches([',', '.', ';']);
    // Two numbers contradict each other.
    let alone = words.next().is_none_or(|word| word.parse::<u32>().is_err());
    Some(Reply::Resend(digits.parse().ok().filter(|_| alone)))
}

fn action(line: &str) -> Option<Reply> {
    let rest = line.strip_prefix("//")?.trim_start();
    rest.strip_prefix("action:").map(|words| Reply::Action(words.trim().to_owned()))
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
        return crate::area::area(area).map(|area| Reply::MaxZ(area.max[2]));
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

/// Reads a position at the start of a line: `X:1.0 Y:2.0 Z:3.0 E:4.0`, `C: X:1 Y:2 Z:3`, `X:1,Y:2,Z:3,E:4`,
/// `echo:X:1.00Y:2.00Z:3.00`.
fn position(line: &str) -> Option<Position> {
    let between = |c: char| c.is_ascii_whitespace() || ",;".contains(c);
    let line = line.strip_prefix("echo:").unwrap_or(line).trim_start();
    let line = line.strip_prefix("C:").unwrap_or(line).trim_start();
    let axis = |rest: &mut &str, name: char| -> Option<f64> {
        let text = rest.trim_start_matches(between).strip_prefix(name)?.trim_start();
        let (value, after) = leading(text.strip_prefix([':', '='])?.trim_start())?;
        *rest = after;
        Some(value)
    };
    let mut rest = line;
    let xyz = [axis(&mut rest, 'X')?, axis(&mut rest, 'Y')?, axis(&mut rest, 'Z')?];
    Some(Position { xyz, e: axis(&mut rest, 'E') })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64, z: f64, e: Option<f64>) -> Option<Position> {
        Some(Position { xyz: [x, y, z], e })
    }

    fn plain_ok() -> Reply {
        Reply::Ok { n: None, free: None, heaters: Vec::new(), position: None }
    }

    #[test]
    fn resend_requests_are_understood_in_all_their_spellings() {
        let spelt = [
            "Resend: 12",
            "Resend:12",
            "Resend 12",
            "Resend N12",
            "Resend:N12",
            "Resend: N12",
            "Resend:N:12",
            "ResendN12",
            "resend: 12",
            "RESEND: 12",
            "RESEND N:12",
            "ReSend : 12",
            "Resend;12",
            "Resend: 12.",
            "Resend12",
            "rs 12",
            "rs: 12",
            "rs:12",
            "rs N12",
            "rs: N12",
            "rs:N12",
            "RS 12",
            "Rs: n12",
            "rs N12 Expected checksum 67",
            "rs12",
            "rsN12",
            "Besend: 12",
            "Resenl: 12",
        ];
        for line in spelt {
            assert_eq!(Reply::parse(line), Reply::Resend(Some(12)), "{line}");
        }
        for line in
            ["Resend: u2", "Resend: 1s", "Resend: ", "Resend", "Resend8 12", "rs: ", "Resend: -5", "rs x"]
        {
            assert_eq!(Reply::parse(line), Reply::Resend(None), "{line}");
        }
        for line in ["Resending the list", "rsync", "Reset", "rs485 is on", "resources: 12", "ors 12"] {
            assert!(!matches!(Reply::parse(line), Reply::Resend(Some(_))), "{line}");
        }
    }

    #[test]
    fn positions_are_read_in_every_dialect() {
        let table = [
            ("X:1.50 Y:-2.00 Z:0.20 E:3.00 Count X:0 Y:0 Z:0", at(1.5, -2.0, 0.2, Some(3.0))),
            ("C: X:1.5 Y:-2 Z:0.2 E:3.00", at(1.5, -2.0, 0.2, Some(3.0))),
            ("ok C: X:1.5 Y:-2 Z:0.2", at(1.5, -2.0, 0.2, None)),
            ("X:1.50,Y:-2.00,Z:0.20,E:3.00,F:3000", at(1.5, -2.0, 0.2, Some(3.0))),
            ("X:1.50Y:-2.00Z:0.20E:3.00 Count X: 0.00Y:0.00Z:0.00", at(1.5, -2.0, 0.2, Some(3.0))),
            ("echo:X:1.5 Y:-2 Z:0.2 E:3", at(1.5, -2.0, 0.2, Some(3.0))),
            ("echo: X: 1.5 Y: -2 Z: 0.2", at(1.5, -2.0, 0.2, None)),
            ("X:1.5 Y:-2.0 Z:0.2", at(1.5, -2.0, 0.2, None)),
            ("X=1.5, Y=-2.0, Z=0.2", at(1.5, -2.0, 0.2, None)),
            ("X:nan Y:1 Z:1 E:1", None),
            ("X:1 Y:2", None),
            ("echo:Steps per unit: X:80", None),
        ];
        for (line, want) in table {
            let reply = Reply::parse(line);
            let got = if let Reply::Position(position) = reply {
                Some(position)
            } else if let Reply::Ok { position, .. } = reply {
                position
            } else {
                None
            };
            assert_eq!(got, want, "{line}");
        }
    }

    #[test]
    fn lines_are_understood_in_all_their_forms() {
        let table = [
            ("ok", plain_ok()),
            ("ok\r", plain_ok()),
            ("ok0", plain_ok()),
            ("okok", plain_ok()),
            ("ok P15 B3", Reply::Ok { n: None, free: Some(3), heaters: Vec::new(), position: None }),
            ("ok N12 P15 B3", Reply::Ok { n: Some(12), free: Some(3), heaters: Vec::new(), position: None }),
            ("ok 12", Reply::Ok { n: Some(12), free: None, heaters: Vec::new(), position: None }),
            (
                "ok X:10.0 Y:30.0 Z:0.2 E:60.0 Count: A:1000 B:3000 C:0",
                Reply::Ok {
                    n: None,
                    free: None,
                    heaters: Vec::new(),
                    position: at(10.0, 30.0, 0.2, Some(60.0)),
                },
            ),
            ("echo:busy paused for user", Reply::Busy(Busy::ForPerson)),
            ("busy:processing", Reply::Busy(Busy::Processing)),
            ("echo:Printer locked! (Unlock with M511 or LCD)", Reply::Locked),
            ("kok", Reply::Damaged),
            ("o", Reply::Damaged),
            ("\u{1}\u{fffd}ok", Reply::Damaged),
            ("ok N:12", Reply::Ok { n: Some(12), free: None, heaters: Vec::new(), position: None }),
            ("Bed Heating...ok", Reply::Damaged),
            ("bedtemp: 28.53 : 0.014ok", Reply::Damaged),
            (" T:200.1 /200.0 B:60.0 /60.0ok", Reply::Damaged),
            ("echo:that book", Reply::Other),
            ("echo:busy: processing", Reply::Busy(Busy::Processing)),
            ("echo:busy: paused for user", Reply::Busy(Busy::ForPerson)),
            ("wait", Reply::Wait),
            ("start", Reply::Boot),
            ("// Klipper state: Disconnect", Reply::Boot),
            ("\0\0\u{80}start", Reply::Boot),
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
}
