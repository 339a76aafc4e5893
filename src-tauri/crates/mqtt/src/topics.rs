//! Which topics are ours, and which command one of them is.
//!
//! ```text
//! printvigil/NODE/status                 online, offline (the last will)
//! printvigil/NODE/machine                what the computer is called, for other Printvigils
//! printvigil/NODE/alive                  the same, every two seconds and not kept
//! printvigil/NODE/PRINTER/state          one JSON object with all figures
//! printvigil/NODE/PRINTER/picture        JPEG
//! printvigil/NODE/PRINTER/command/pause  PRESS
//! homeassistant/COMPONENT/printvigil_NODE/PRINTER_ENTITY/config
//! ```
//!
//! NODE tells several cores on one broker apart and stays the same for good.

use crate::settings::Settings;
use domain::PrinterId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a button sends.
pub(crate) const PRESS: &[u8] = b"PRESS";

/// What can be asked over the broker: what those may do who operate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename = "RemoteCommand", rename_all = "snake_case")]
pub enum Command {
    /// Pause the print.
    Pause,
    /// Resume it.
    Resume,
    /// Cancel it.
    Cancel,
    /// The alert was about no failure.
    NotFailed,
    /// No more alerts of this print.
    Mute,
}

impl Command {
    pub(crate) const ALL: [Self; 5] = [Self::Pause, Self::Resume, Self::Cancel, Self::NotFailed, Self::Mute];

    /// As it stands in a topic.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::NotFailed => "not_failed",
            Self::Mute => "mute",
        }
    }
}

/// The topics of one core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topics {
    base: String,
    prefix: String,
    node: String,
}

impl Topics {
    pub(crate) fn new(settings: &Settings, node: &str) -> Self {
        let base = format!("{}/{node}", settings.base_topic);
        Self { base, prefix: settings.discovery_prefix.clone(), node: node.to_owned() }
    }

    /// By what Home Assistant knows a printer of ours again.
    pub(crate) fn device(&self, printer: PrinterId) -> String {
        format!("printvigil_{}_{printer}", self.node)
    }

    pub(crate) fn status(&self) -> String {
        format!("{}/status", self.base)
    }

    pub(crate) fn state(&self, printer: PrinterId) -> String {
        format!("{}/{printer}/state", self.base)
    }

    pub(crate) fn picture(&self, printer: PrinterId) -> String {
        format!("{}/{printer}/picture", self.base)
    }

    pub(crate) fn command(&self, printer: PrinterId, command: Command) -> String {
        format!("{}/{printer}/command/{}", self.base, command.word())
    }

    pub(crate) fn config(&self, component: &str, printer: PrinterId, entity: &str) -> String {
        format!("{}/{component}/printvigil_{}/{printer}_{entity}/config", self.prefix, self.node)
    }

    /// Where Home Assistant says that it has started.
    pub(crate) fn birth(&self) -> String {
        format!("{}/status", self.prefix)
    }

    /// All commands to us.
    pub(crate) fn commands(&self) -> String {
        format!("{}/+/command/+", self.base)
    }

    /// What this computer is called, kept there.
    pub(crate) fn machine(&self) -> String {
        format!("{}/machine", self.base)
    }

    /// Where it says every two seconds that it is there.
    pub(crate) fn alive(&self) -> String {
        format!("{}/alive", self.base)
    }

    /// What we may have left on the broker: configs, states and our name, retained. Pictures go with their state.
    pub(crate) fn left_behind(&self) -> [String; 3] {
        let configs = format!("{}/+/printvigil_{}/+/config", self.prefix, self.node);
        [configs, format!("{}/+/state", self.base), self.machine()]
    }

    /// All that a core tells of itself to other machines, once it is known: whether it is there, and its printers.
    pub(crate) fn told_by_it(&self) -> [String; 2] {
        [self.status(), format!("{}/+/state", self.base)]
    }

    /// Returns the printer and the command that a topic means.
    pub(crate) fn read_command(&self, topic: &str) -> Option<(PrinterId, Command)> {
        let (printer, word) = topic.strip_prefix(&self.base)?.strip_prefix('/')?.split_once("/command/")?;
        let command = Command::ALL.into_iter().find(|command| command.word() == word)?;
        Some((read_id(printer)?, command))
    }

    /// Returns the printer of a topic for its state.
    pub(crate) fn read_state(&self, topic: &str) -> Option<PrinterId> {
        read_id(topic.strip_prefix(&self.base)?.strip_prefix('/')?.strip_suffix("/state")?)
    }

    /// Returns whether a topic is one of our configs.
    pub(crate) fn is_config(&self, topic: &str) -> bool {
        let rest = topic.strip_prefix(&self.prefix).and_then(|rest| rest.strip_prefix('/'));
        let parts: Vec<&str> = rest.into_iter().flat_map(|rest| rest.split('/')).collect();
        matches!(parts[..], [_, node, _, "config"] if node.strip_prefix("printvigil_") == Some(&self.node))
    }
}

/// What a message of another machine is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Status,
    Machine,
    Alive,
    State(PrinterId),
}

/// Where all machines say what they are called and that they are there.
pub(crate) fn machines(settings: &Settings) -> [String; 2] {
    let base = &settings.base_topic;
    [format!("{base}/+/machine"), format!("{base}/+/alive")]
}

/// Returns which machine speaks in a topic, and of what.
pub(crate) fn read_other<'a>(settings: &Settings, topic: &'a str) -> Option<(&'a str, About)> {
    let (node, rest) = topic.strip_prefix(&settings.base_topic)?.strip_prefix('/')?.split_once('/')?;
    let about = match rest {
        "status" => About::Status,
        "machine" => About::Machine,
        "alive" => About::Alive,
        other => About::State(read_id(other.strip_suffix("/state")?)?),
    };
    is_node(node).then_some((node, about))
}

/// Returns whether this is the name of a core, as each makes one up.
pub(crate) fn is_node(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Reads a number as we write it.
fn read_id(text: &str) -> Option<PrinterId> {
    text.parse().ok().map(PrinterId).filter(|id| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_topics_are_commands() {
        let topics = Topics::new(&Settings::default(), "a1b2c3d4");
        let id = PrinterId(7);
        for command in Command::ALL {
            assert_eq!(topics.read_command(&topics.command(id, command)), Some((id, command)));
        }
        for other in [
            "printvigil/a1b2c3d4/7/command/heat",
            "printvigil/a1b2c3d4/+7/command/pause",
            "printvigil/a1b2c3d4/07/command/pause",
            "printvigil/a1b2c3d4/7/8/command/pause",
            "printvigil/a1b2c3d4/7/command/pause/x",
            "printvigil/a1b2c3d4x/7/command/pause",
            "printvigil/ffffffff/7/command/pause",
            "",
        ] {
            assert_eq!(topics.read_command(other), None, "{other}");
        }
        assert!(topics.is_config(&topics.config("sensor", id, "state")));
        assert!(!topics.is_config("homeassistant/sensor/printvigil_other/7_state/config"));
        assert_eq!(topics.read_state(&topics.state(id)), Some(id));
    }

    #[test]
    fn a_message_of_another_machine_names_it_and_what_it_is_about() {
        let settings = Settings { base_topic: "home/printers".into(), ..Settings::default() };
        let topics = Topics::new(&settings, "a1b2c3d4");
        for (topic, about) in [
            (topics.status(), About::Status),
            (topics.machine(), About::Machine),
            (topics.alive(), About::Alive),
            (topics.state(PrinterId(3)), About::State(PrinterId(3))),
        ] {
            assert_eq!(read_other(&settings, &topic), Some(("a1b2c3d4", about)));
        }
        for other in [
            "home/printers/A1B2C3D4/status",
            "home/printers/a1b2c3d4x/status",
            "home/printers//status",
            "home/printers/a1b2c3d4/03/state",
            "home/printers/a1b2c3d4/3/picture",
            "home/printers/a1b2c3d4",
            "printvigil/a1b2c3d4/status",
        ] {
            assert_eq!(read_other(&settings, other), None, "{other}");
        }
    }
}
