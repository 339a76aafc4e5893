//! The temperatures in a line, whichever firmware wrote it.

use domain::{Heater, Temperature, Temperatures};

/// One heater in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Which.
    pub heater: Heater,
    /// Degrees Celsius.
    pub actual_c: f64,
    /// Degrees Celsius, when the line tells it.
    pub target_c: Option<f64>,
    /// The letter had no number: the active tool's, and less to be trusted than a numbered one.
    pub unnumbered: bool,
}

/// Returns the heaters in a line; empty when it speaks of something else.
///
/// `T:` counts only where no `T0:` stands: with several tools it repeats the active one.
pub fn readings(line: &str) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    let mut rest = line;
    while let Some(colon) = rest.find(':') {
        let (name, tail) = (&rest[..colon], &rest[colon + 1..]);
        let name = name.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '@').next().unwrap_or_default();
        let starts_word = rest[..colon - name.len()].ends_with(' ') || colon == name.len();
        rest = tail;
        let heater = match name {
            "T" => Heater::Hotend(0),
            "B" => Heater::Bed,
            "C" => Heater::Chamber,
            _ => match name.strip_prefix('T').and_then(|n| n.parse().ok()) {
                Some(n) => Heater::Hotend(n),
                None => continue,
            },
        };
        let Some((actual_c, after)) = number(tail.trim_start()).filter(|_| starts_word) else { continue };
        let after = after.trim_start();
        let target_c = after.strip_prefix('/').and_then(|t| number(t.trim_start())).map(|(t, _)| t);
        found.push(Reading { heater, actual_c, target_c, unnumbered: name == "T" });
    }
    if found.iter().any(|r| matches!(r.heater, Heater::Hotend(_)) && !r.unnumbered) {
        found.retain(|r| !r.unnumbered);
    }
    // A lone chamber or bed may be part of any sentence; a hotend is always told.
    if found.iter().any(|r| matches!(r.heater, Heater::Hotend(_))) || line.trim_start().starts_with("B:") {
        found
    } else {
        Vec::new()
    }
}

/// Takes readings into what is known; a line without targets leaves them.
pub(crate) fn take_in(known: &mut Temperatures, readings: &[Reading]) {
    for reading in readings {
        let entry = known.entry(reading.heater.key()).or_insert(Temperature {
            actual: reading.actual_c,
            target: None,
            offset: 0.0,
        });
        entry.actual = reading.actual_c;
        entry.target = reading.target_c.or(entry.target);
    }
}

fn number(text: &str) -> Option<(f64, &str)> {
    let len = text.find(|c: char| !(c.is_ascii_digit() || ".-+".contains(c))).unwrap_or(text.len());
    text[..len].parse().ok().map(|value| (value, &text[len..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let tell = |r: &Reading| match r.target_c {
            Some(target) => format!("{} {}/{target}", r.heater.key(), r.actual_c),
            None => format!("{} {}", r.heater.key(), r.actual_c),
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
            (" T:200 /200 B:60 /60 @:0 B@:4 W:3", "tool0 200/200, bed 60/60"),
            (" T:21 /0 B:22 /0 P:0.0 A:25.0", "tool0 21/0, bed 22/0"),
            ("T:-14.5 /0.0 C:30.0 /40.0", "tool0 -14.5/0, chamber 30/40"),
            ("T:nan /0.0 B:20.0 /0.0", ""),
            ("X:1.00 Y:2.00 Z:3.00 E:4.00 Count X:0", ""),
            ("Error:checksum mismatch, Last Line: 1", ""),
            ("echo:  M301 P22.20 I1.08 D114.00", ""),
        ];
        for (line, want) in table {
            assert_eq!(told(line), want, "{line}");
        }
    }
}
