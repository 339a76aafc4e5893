//! Which topics are ours, and which command one of them is.
//!
//! ```text
//! printvigil/NODE/status                 online, offline (the last will)
//! printvigil/NODE/PRINTER/state          one JSON object with all figures
//! printvigil/NODE/PRINTER/picture        JPEG
//! printvigil/NODE/PRINTER/command/pause  PRESS
//! homeassistant/COMPONENT/printvigil_NODE/PRINTER_ENTITY/config
//! ```
//!
//! NODE tells several cores on one broker apart and stays the same for good.

use crate::settings::Settings;
use domain::PrinterId;

/// What a button sends.
pub(crate) const PRESS: &[u8] = b"PRESS";

/// What can be asked from there: what those may do who operate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Pause,
    Resume,
    Cancel,
    NotFailed,
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

    /// What we may have left on the broker: configs and states, retained. Pictures go with their state.
    pub(crate) fn left_behind(&self) -> [String; 2] {
        [format!("{}/+/printvigil_{}/+/config", self.prefix, self.node), format!("{}/+/state", self.base)]
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
}
