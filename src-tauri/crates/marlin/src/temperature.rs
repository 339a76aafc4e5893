//! The temperatures in a line, whichever firmware wrote it.

use crate::number::leading;
use domain::{Heater, Temperature, Temperatures};

/// No firmware has more tools.
const MOST_TOOLS: f64 = 16.0;

/// One heater in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Which.
    pub heater: Heater,
    /// Degrees Celsius; `None` when the line names the heater, but what stands there is no number.
    pub actual_c: Option<f64>,
    /// Degrees Celsius, when the line tells it; 0 is off.
    pub target_c: Option<f64>,
    /// The letter had no number: the active tool's, and less to be trusted than a numbered one.
    pub unnumbered: bool,
}

/// Returns the heaters in a line; empty when it speaks of something else.
///
/// `T:` counts only where no `T0:` stands: with several tools it repeats the active one. While a tool heats, some
/// firmwares tell its number behind: `T:165 E:1 W:?`.
pub fn readings(line: &str) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    let mut tool = None;
    let mut rest = line;
    while let Some(colon) = rest.find(':') {
        let (before, tail) = (&rest[..colon], rest[colon + 1..].trim_start());
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '@').next().unwrap_or_default();
        let stands_alone = before[..before.len() - name.len()].chars().next_back().is_none_or(may_precede);
        // Of the first heater in a line, and of those behind it, it is known that a temperature is meant.
        let is_first = found.is_empty() && before.trim_matches(['=', ' ', '\t']) == name;
        rest = &rest[colon + 1..];
        if name == "E" {
            tool =
                leading(tail).map(|(n, _)| n).filter(|n| n.fract() == 0.0 && (0.0..MOST_TOOLS).contains(n));
        }
        let Some(heater) = heater(name).filter(|_| stands_alone) else { continue };
        let (actual_c, after) = match leading(tail) {
            Some((actual_c, after)) => (Some(actual_c), after.trim_start()),
            None => {
                let (word, after) = tail.split_at(tail.find([' ', '/']).unwrap_or(tail.len()));
                if word.is_empty() || word.contains(':') || (!is_first && found.is_empty()) {
                    continue;
                }
                (None, after.trim_start())
            }
        };
        let target_c = after.strip_prefix('/').and_then(|t| leading(t.trim_start())).map(|(t, _)| t.max(0.0));
        found.push(Reading { heater, actual_c, target_c, unnumbered: name == "T" });
    }
    if found.iter().any(|r| matches!(r.heater, Heater::Hotend(_)) && !r.unnumbered) {
        found.retain(|r| !r.unnumbered);
    }
    if let Some(tool) = tool {
        for reading in found.iter_mut().filter(|r| r.unnumbered) {
            (reading.heater, reading.unnumbered) = (Heater::Hotend(tool as u8), false);
        }
    }
    // A lone chamber or bed may be part of any sentence; a hotend is always told.
    if found.iter().any(|r| matches!(r.heater, Heater::Hotend(_))) || line.trim_start().starts_with("B:") {
        found
    } else {
        Vec::new()
    }
}

fn heater(name: &str) -> Option<Heater> {
    match name {
        "T" => Some(Heater::Hotend(0)),
        "B" => Some(Heater::Bed),
        "C" => Some(Heater::Chamber),
        _ => name.strip_prefix('T').and_then(|n| n.parse().ok()).map(Heater::Hotend),
    }
}

/// Returns whether a heater's name may stand behind this: some firmwares write `==T:195 /195 ==B:45 /45`.
fn may_precede(c: char) -> bool {
    c.is_whitespace() || "=,;|([>".contains(c)
}

/// Takes readings into what is known; a line without targets leaves them. What is no number leaves the temperature as
/// it was told last, and that grows old.
pub(crate) fn take_in(known: &mut Temperatures, readings: &[Reading]) {
    for reading in readings {
        let key = reading.heater.key();
        match (known.get_mut(&key), reading.actual_c) {
            (Some(entry), actual_c) => {
                entry.actual = actual_c.unwrap_or(entry.actual);
                entry.target = reading.target_c.or(entry.target);
            }
            (None, Some(actual)) => {
                known.insert(key, Temperature { actual, target: reading.target_c, offset: 0.0 });
            }
            (None, None) => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let tell = |r: &Reading| {
            let actual = r.actual_c.map_or("?".to_owned(), |c| c.to_string());
            match r.target_c {
                Some(target) => format!("{} {actual}/{target}", r.heater.key()),
                None => format!("{} {actual}", r.heater.key()),
            }
        };
        readings(line).iter().map(tell).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn temperatures_are_read_in_every_dialect() {
        let table = [
            (" T:20.0 /0.0 B:21.5 /60.0 @:0 B@:0", "tool0 20/0, bed 21.5/60"),
            (" T:20 /0 B:20 /60 T0:20 /0 T1:21 /5 @:0 B@:0 @0:0 @1:0", "bed 20/60, tool0 20/0, tool1 21/5"),
            ("B:60.0 /60.0 T0:200.0 /200.0", "bed 60/60, tool0 200/200"),
            ("T:20.00 B:20.00 B@:0 @:0", "tool0 20, bed 20"),
            ("T:20.0 /0.0 @0 B:25.0 /0.0 @0", "tool0 20/0, bed 25/0"),
            ("T:185.2 E:0 W:?", "tool0 185.2"),
            ("T:165 E:1 W:?", "tool1 165"),
            ("T:165.3 E:1 B:60.1", "tool1 165.3, bed 60.1"),
            (" T:200 /200 B:60 /60 @:0 B@:4 W:3", "tool0 200/200, bed 60/60"),
            (" T:21 /0 B:22 /0 P:0.0 A:25.0", "tool0 21/0, bed 22/0"),
            ("T:-14.5 /0.0 C:30.0 /40.0", "tool0 -14.5/0, chamber 30/40"),
            ("==T:195.00 /195.00 ==B:45.00 /45.00 @:0 B@:0", "tool0 195/195, bed 45/45"),
            (" ==T0:195 /195 ==T1:20 /0 ==B:45/45", "tool0 195/195, tool1 20/0, bed 45/45"),
            ("T:200.5/200.0,B:60.1/60.0", "tool0 200.5/200, bed 60.1/60"),
            ("T: 20.0 / 0.0 B: 21.0 / 60.0", "tool0 20/0, bed 21/60"),
            // Below the coldest there is: a firmware's way to say "off".
            ("T:20.0 /-273.0 B:20 /-1", "tool0 20/0, bed 20/0"),
            // No numbers, but it answers the question all the same, and the targets hold.
            ("T:nan /0.0 B:20.0 /0.0", "tool0 ?/0, bed 20/0"),
            ("T:inf /210.0 B:--- /60", "tool0 ?/210, bed ?/60"),
            ("T:? /? B:?", "tool0 ?, bed ?"),
            ("T:ERR B:20", "tool0 ?, bed 20"),
            ("echo:Last T:none", ""),
            ("X:1.00 Y:2.00 Z:3.00 E:4.00 Count X:0", ""),
            ("C: X:1.00 Y:2.00 Z:3.00", ""),
            ("Error:checksum mismatch, Last Line: 1", ""),
            ("echo:  M301 P22.20 I1.08 D114.00", ""),
        ];
        for (line, want) in table {
            assert_eq!(told(line), want, "{line}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_known_and_what_was_known_is_not_told_anew() {
        let mut known = Temperatures::new();
        take_in(&mut known, &readings("T:nan /200 B:60 /60"));
        assert_eq!(known.keys().collect::<Vec<_>>(), ["bed"], "nothing was ever known of the hotend");
        take_in(&mut known, &readings("T:199 /200 B:60 /60"));
        take_in(&mut known, &readings("T:nan /0 B:59 /60"));
        assert_eq!((known["tool0"].actual, known["tool0"].target), (199.0, Some(0.0)));
    }
}
