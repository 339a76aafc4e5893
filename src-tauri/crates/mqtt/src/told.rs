//! What machines tell of themselves to each other: how ours is written, and how that of others is read.
//!
//! Whoever may write to the broker may have written it: sizes, counts and numbers are bounded, texts lose what is no sign
//! to be read, and no time of another clock is taken over.

use crate::settings::{LONGEST_MACHINE, Settings};
use crate::topics::Command;
use bytes::Bytes;
use domain::{PrinterState, one_line};
use serde::Deserialize;
use serde_json::json;

/// Largest message that is read, bytes: ours have a tenth of it.
const LARGEST: usize = 16 * 1024;
/// Longest text of a printer, characters.
const LONGEST: usize = 200;
/// Longest version that is shown, characters.
const LONGEST_VERSION: usize = 20;
/// Longest time left that is believed, minutes: a year.
const LONGEST_LEFT: f64 = 525_600.0;

/// A machine's word on itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Introduction {
    pub(crate) name: String,
    pub(crate) version: String,
    /// It takes commands.
    pub(crate) steered: bool,
}

/// A printer's state as its machine tells it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) state: PrinterState,
    pub(crate) printing: bool,
    pub(crate) file: Option<String>,
    /// 0 to 100.
    pub(crate) percent: Option<f64>,
    pub(crate) left_mins: Option<u32>,
    pub(crate) watching: bool,
    pub(crate) alert: Option<String>,
    pub(crate) alarm: Option<String>,
    pub(crate) muted: bool,
    pub(crate) can: Vec<Command>,
}

/// Returns what this machine says of itself.
pub(crate) fn machine(settings: &Settings) -> Bytes {
    let told = json!({
        "name": settings.machine_name(),
        "version": env!("CARGO_PKG_VERSION"),
        "steered": settings.buttons,
    });
    told.to_string().into()
}

/// Reads what another machine says of itself; none when it cannot be read.
pub(crate) fn read_machine(payload: &[u8]) -> Option<Introduction> {
    #[derive(Deserialize)]
    struct Told {
        name: String,
        #[serde(default)]
        version: String,
        #[serde(default)]
        steered: bool,
    }
    let told: Told = read(payload)?;
    let name = plain(&told.name, LONGEST_MACHINE);
    let name = if name.is_empty() { "Without a name".into() } else { name };
    Some(Introduction { name, version: plain(&told.version, LONGEST_VERSION), steered: told.steered })
}

/// Reads a printer's state; none when it cannot be read.
pub(crate) fn read_state(payload: &[u8]) -> Option<Report> {
    #[derive(Deserialize)]
    struct Told {
        name: String,
        state: String,
        file: Option<String>,
        progress: Option<f64>,
        left_mins: Option<f64>,
        watching: String,
        alert: String,
        alert_text: Option<String>,
        alarm: String,
        alarm_text: Option<String>,
        muted: String,
        can: Vec<String>,
    }
    let told: Told = read(payload)?;
    let on = |text: &str| match text {
        "ON" => Some(true),
        "OFF" => Some(false),
        _ => None,
    };
    let text = |on: bool, text: Option<String>| on.then(|| plain(&text.unwrap_or_default(), LONGEST));
    let name = plain(&told.name, LONGEST);
    let may = |command: &Command| told.can.iter().any(|word| word == command.word());
    Some(Report {
        name: if name.is_empty() { "Printer without a name".into() } else { name },
        state: PrinterState::ALL.into_iter().find(|state| state.word() == told.state)?,
        printing: told.file.is_some(),
        file: told.file.map(|file| plain(&file, LONGEST)),
        percent: told.progress.filter(|percent| (0.0..=100.0).contains(percent)),
        left_mins: told.left_mins.filter(|left| (0.0..=LONGEST_LEFT).contains(left)).map(|left| left as u32),
        watching: on(&told.watching)?,
        alert: text(on(&told.alert)?, told.alert_text),
        alarm: text(on(&told.alarm)?, told.alarm_text),
        muted: on(&told.muted)?,
        can: Command::ALL.into_iter().filter(may).collect(),
    })
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Option<T> {
    if payload.len() > LARGEST { None } else { serde_json::from_slice(payload).ok() }
}

/// Returns a text in one line, without signs that turn or hide what stands beside them.
fn plain(text: &str, most: usize) -> String {
    let hides = |c: &char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let shown: String = text.chars().filter(|c| !hides(c)).take(most).collect();
    one_line(&shown, most).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn good() -> Value {
        json!({
            "name": "Ender", "state": "Printing", "file": "part.gcode", "progress": 42.5, "left_mins": 90.0,
            "watching": "ON", "alert": "OFF", "alert_text": null, "alarm": "ON", "alarm_text": "Look",
            "muted": "OFF", "can": ["pause", "cancel", "format_disk"], "bed_actual": 60.0,
        })
    }

    fn with(key: &str, value: Value) -> Option<Report> {
        let mut told = good();
        told[key] = value;
        read_state(told.to_string().as_bytes())
    }

    #[test]
    fn what_we_say_can_be_read_by_others() {
        let settings = Settings { machine: "Garage".into(), ..Settings::default() };
        let read = read_machine(&machine(&settings)).expect("our own");
        assert_eq!((read.name.as_str(), read.steered), ("Garage", true));
        let report = read_state(good().to_string().as_bytes()).expect("as we write it");
        assert_eq!(
            (report.state, report.percent, report.left_mins),
            (PrinterState::Printing, Some(42.5), Some(90))
        );
        assert_eq!(report.can, [Command::Pause, Command::Cancel], "what is no command of ours is none");
        assert_eq!((report.alert, report.alarm.as_deref()), (None, Some("Look")));
    }

    #[test]
    fn numbers_that_cannot_be_are_not_known() {
        for wrong in [-1.0, 100.1, 1e300] {
            assert_eq!(with("progress", json!(wrong)).expect("readable").percent, None, "{wrong}");
        }
        for wrong in [-1.0, 1e12] {
            assert_eq!(with("left_mins", json!(wrong)).expect("readable").left_mins, None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_state_is_not_taken_for_one() {
        for (key, wrong) in [
            ("state", json!("Fine")),
            ("state", json!(null)),
            ("watching", json!("on")),
            ("alert", json!(true)),
            ("progress", json!("42")),
            ("can", json!("pause")),
            ("name", json!(7)),
        ] {
            assert_eq!(with(key, wrong.clone()), None, "{key}: {wrong}");
        }
        let deep = "[".repeat(10_000);
        let huge = json!({"name": "x".repeat(20_000)}).to_string();
        for wrong in ["", "{}", "null", "\u{0}", deep.as_str(), huge.as_str()] {
            assert_eq!((read_state(wrong.as_bytes()), read_machine(wrong.as_bytes())), (None, None));
        }
        assert_eq!(read_state(&[0xff, 0xfe]), None);
    }

    #[test]
    fn a_name_is_one_line_of_signs_that_are_seen() {
        assert_eq!(plain("a\u{202e}b\u{200b}\n<b>c\u{7}", 100), "ab <b>c");
        assert_eq!(plain(&"ü".repeat(500), LONGEST).chars().count(), LONGEST);
        let report = with("name", json!("\u{202e}\n")).expect("readable");
        assert_eq!(report.name, "Printer without a name");
    }
}
