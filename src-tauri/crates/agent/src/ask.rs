//! What the host of an agent is asked, and answers: files, pictures of further cameras, power. Answers come by number.

use crate::commands::{moonraker, pass};
use serde_json::{Value, json};

/// A question to an agent, or to its host through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The G-code files that lie there: those of one folder at OctoPrint, all at Klipper.
    Files {
        /// Path of the folder, empty for the topmost.
        folder: String,
    },
    /// Prints a file that lies there.
    Print {
        /// Its path there.
        path: String,
        /// By which OctoPrint knows that it is still the same.
        signature: String,
    },
    /// One picture of a further camera.
    Picture {
        /// Its address, as the agent's computer reaches it.
        url: String,
    },
    /// The cameras that Klipper's host knows.
    Cameras,
    /// What can be switched on and off.
    Power,
    /// Switches it.
    Switch {
        /// Its name there.
        device: String,
        /// On, or off.
        on: bool,
    },
}

impl Ask {
    /// Returns the message; `None` when the host knows nothing of the kind.
    pub(crate) fn message(&self, reference: &str, is_moonraker: bool) -> Option<Value> {
        if is_moonraker { self.to_moonraker(reference) } else { self.to_octoprint(reference) }
    }

    fn to_octoprint(&self, reference: &str) -> Option<Value> {
        match self {
            Self::Files { folder } => {
                let mut message = pass(reference, "_file_manager", "list_files", &json!([]));
                let path = if folder.is_empty() { Value::Null } else { json!(folder) };
                message["passthru"]["kwargs"] =
                    json!({"locations": "local", "path": path, "recursive": false});
                Some(message)
            }
            Self::Print { path, signature } => {
                let file = json!({"url": path, "agent_signature": signature});
                Some(pass(reference, "file_operations", "start_printer_local_print", &json!([file])))
            }
            Self::Picture { url } => Some(picture(reference, url)),
            Self::Cameras | Self::Power | Self::Switch { .. } => None,
        }
    }

    fn to_moonraker(&self, reference: &str) -> Option<Value> {
        Some(match self {
            Self::Files { .. } => moonraker(reference, "server/files/list", json!({"root": "gcodes"})),
            Self::Print { path, .. } => {
                moonraker(reference, "printer/print/start", json!({"verb": "post", "filename": path}))
            }
            Self::Picture { url } => picture(reference, url),
            Self::Cameras => moonraker(reference, "server/webcams/list", json!({})),
            Self::Power => moonraker(reference, "machine/device_power/devices", json!({})),
            Self::Switch { device, on } => {
                let action = if *on { "on" } else { "off" };
                let switch = json!({"verb": "post", "device": device, "action": action});
                moonraker(reference, "machine/device_power/device", switch)
            }
        })
    }
}

fn picture(reference: &str, url: &str) -> Value {
    pass(reference, "jpeg_poster", "web_snapshot_request", &json!([url]))
}
