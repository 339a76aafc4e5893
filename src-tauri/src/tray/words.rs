//! What the tray says of each printer, and what can be pressed there. Only text: nothing here touches a desktop.

use jiff::Zoned;
use serde::Deserialize;

/// Longest sentence of an alarm in the menu, characters: the rest stands in the window.
const LONGEST: usize = 70;

/// What the tray needs to know of a printer, as the core shows it.
#[derive(Debug, Deserialize)]
pub(super) struct Printer {
    id: i64,
    name: String,
    watching_enabled: bool,
    status: Status,
    vigil: Vigil,
}

#[derive(Debug, Deserialize)]
struct Status {
    progress: Progress,
}

#[derive(Debug, Deserialize)]
struct Progress {
    completion: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Vigil {
    state: String,
    state_word: String,
    alarms: Vec<Alarm>,
    switch_off_now: bool,
    alert: Option<serde::de::IgnoredAny>,
    watch: Watch,
    progress: Option<End>,
    can: Can,
}

#[derive(Debug, Deserialize)]
struct Alarm {
    text: String,
    can_be_seen: bool,
}

#[derive(Debug, Deserialize)]
struct Watch {
    watching: bool,
}

#[derive(Debug, Deserialize)]
struct End {
    done_at: Option<jiff::Timestamp>,
}

#[derive(Debug, Deserialize)]
struct Can {
    pause: bool,
}

/// How grave it is, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mood {
    /// Nothing to look after.
    Calm,
    /// Paused, or printing unwatched.
    Attention,
    /// A possible failure, or an alarm.
    Alert,
}

/// What is pressed in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Shows the window.
    Open,
    /// Pauses the print of a printer.
    Pause(i64),
    /// A person has seen the alert of a printer; the print stays as it is.
    SeenAlert(i64),
    /// A person has seen the alarms of a printer.
    SeenAlarms(i64),
    /// Asks, then ends the window.
    Quit,
}

impl Action {
    /// Returns its name in the menu, which [`Action::of_id`] reads again.
    pub(super) fn id(self) -> String {
        match self {
            Self::Open => "open".into(),
            Self::Pause(printer) => format!("pause {printer}"),
            Self::SeenAlert(printer) => format!("alert {printer}"),
            Self::SeenAlarms(printer) => format!("alarms {printer}"),
            Self::Quit => "quit".into(),
        }
    }

    /// Returns the action of a name; that of a printer's line, which ends in its number, is to open the window.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        let (word, printer) = id.split_once(' ').unwrap_or((id, ""));
        let printer = || printer.parse().ok();
        match word {
            "open" | "line" => Some(Self::Open),
            "pause" => printer().map(Self::Pause),
            "alert" => printer().map(Self::SeenAlert),
            "alarms" => printer().map(Self::SeenAlarms),
            "quit" => Some(Self::Quit),
            _ => None,
        }
    }
}

/// A line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) text: String,
}

/// All that the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// Beside the icon, where the desktop has room: "42 %", "ALERT"; may be empty.
    pub(super) label: String,
    /// Under the pointer, where the desktop shows that.
    pub(super) tooltip: String,
    pub(super) mood: Mood,
    /// The printers, and what can be pressed about them.
    pub(super) entries: Vec<Entry>,
}

impl Shown {
    /// Makes one with a single line, when nothing is known of any printer.
    pub(super) fn only(text: &str, mood: Mood) -> Self {
        let entries = vec![Entry { id: "line 0".into(), text: text.into() }];
        Self { label: String::new(), tooltip: format!("Printvigil: {text}"), mood, entries }
    }

    /// Says what is to be said of these printers now, by the clock of this computer.
    pub(super) fn of(printers: &[Printer], now: &Zoned) -> Self {
        if printers.is_empty() {
            return Self::only("No printer yet", Mood::Calm);
        }
        let several = printers.len() > 1;
        let lines: Vec<String> = printers
            .iter()
            .map(|printer| {
                let line = printer.line(now);
                if several { format!("{}: {line}", printer.name) } else { line }
            })
            .collect();
        let mood = printers.iter().map(Printer::mood).max().unwrap_or(Mood::Calm);
        let mut entries = Vec::new();
        for (printer, text) in printers.iter().zip(&lines) {
            entries.push(Entry { id: format!("line {}", printer.id), text: text.clone() });
            entries.extend(printer.actions(several));
        }
        let tooltip = lines.join("\n");
        Self { label: label(printers, mood), tooltip, mood, entries }
    }
}

fn label(printers: &[Printer], mood: Mood) -> String {
    match mood {
        Mood::Alert => return "ALERT".into(),
        Mood::Attention | Mood::Calm => (),
    }
    // Of several prints the one that is least far: when that is done, all are.
    let prints = printers.iter().filter(|printer| printer.has_print());
    let percents = prints.filter_map(Printer::percent);
    percents.min().map(|percent| format!("{percent} %")).unwrap_or_default()
}

impl Printer {
    fn has_print(&self) -> bool {
        ["heating", "printing", "pausing", "paused", "resuming", "cancelling", "finishing"]
            .contains(&self.vigil.state.as_str())
    }

    /// Rounded down: 100 % is said of what is done.
    fn percent(&self) -> Option<u32> {
        self.status
            .progress
            .completion
            .filter(|done| done.is_finite())
            .map(|done| done.clamp(0.0, 100.0) as u32)
    }

    /// A print that a person wants watched runs, and nobody watches.
    fn unwatched(&self) -> bool {
        self.vigil.state == "printing" && self.watching_enabled && !self.vigil.watch.watching
    }

    fn mood(&self) -> Mood {
        let vigil = &self.vigil;
        if vigil.switch_off_now || !vigil.alarms.is_empty() || vigil.alert.is_some() {
            Mood::Alert
        } else if self.unwatched()
            || ["pausing", "paused", "link_lost", "halted"].contains(&vigil.state.as_str())
        {
            Mood::Attention
        } else {
            Mood::Calm
        }
    }

    fn line(&self, now: &Zoned) -> String {
        let vigil = &self.vigil;
        if vigil.switch_off_now {
            return "ALERT: switch the printer off now".into();
        }
        let state = self.state(now);
        if let Some(alarm) = vigil.alarms.first() {
            return format!("ALERT: {} ({state})", first_sentence(&alarm.text));
        }
        // How the print stands is the printer's state, never what the alert has ordered.
        if vigil.alert.is_some() { format!("ALERT: possible failure. {state}") } else { state }
    }

    /// "Printing 42 %, done about 18:20".
    fn state(&self, now: &Zoned) -> String {
        let mut text = self.vigil.state_word.clone();
        if self.has_print()
            && let Some(percent) = self.percent()
        {
            text += &format!(" {percent} %");
        }
        // While it stands still nobody knows when it will be done.
        let moving = ["heating", "printing", "finishing"].contains(&self.vigil.state.as_str());
        let done_at = self.vigil.progress.as_ref().and_then(|end| end.done_at).filter(|_| moving);
        if let Some(done_at) = done_at {
            text += &format!(", done about {}", clock(done_at, now));
        }
        if self.unwatched() {
            text += ". NOT watched";
        } else if self.vigil.state == "printing" && !self.watching_enabled {
            text += ". Failure detection is off";
        }
        text
    }

    fn actions(&self, several: bool) -> Vec<Entry> {
        let whose = if several { format!(": {}", self.name) } else { String::new() };
        let entry = |action: Action, text: &str| Entry { id: action.id(), text: format!("{text}{whose}") };
        let mut actions = Vec::new();
        if self.vigil.can.pause {
            actions.push(entry(Action::Pause(self.id), "Pause"));
        }
        if self.vigil.alert.is_some() {
            actions.push(entry(Action::SeenAlert(self.id), "I have seen the alert"));
        }
        if self.vigil.alarms.iter().any(|alarm| alarm.can_be_seen) {
            actions.push(entry(Action::SeenAlarms(self.id), "I have seen the alarm"));
        }
        actions
    }
}

/// `18:20`, and the day where it is another one.
fn clock(at: jiff::Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    let format = if at.date() == now.date() { "%H:%M" } else { "%a %H:%M" };
    at.strftime(format).to_string()
}

/// What an alarm says first; what to do about it stands in the window.
fn first_sentence(text: &str) -> String {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    let end = line.find(". ").unwrap_or(line.len());
    let sentence = line[..end].trim_end_matches('.');
    if sentence.chars().count() <= LONGEST {
        return sentence.into();
    }
    let cut: String = sentence.chars().take(LONGEST).collect();
    format!("{} …", cut.trim_end())
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
