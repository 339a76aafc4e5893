//! One message of an agent, taken apart. Hostile: whatever is missing or of a wrong kind is left out, and the rest counts.

use crate::status::Status;
use crate::values::number;
use domain::{Agent, LONGEST_AGENT_WORD, one_line};
use serde_json::Value;

/// What a message holds.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// It is `{}`: the agent knows nothing of its printer.
    pub(crate) is_empty: bool,
    /// Number of the print under way by the host; `Some(None)`: nothing is printed.
    pub(crate) print: Option<Option<i64>>,
    pub(crate) status: Option<Status>,
    pub(crate) event: Option<PrintEvent>,
    /// Who speaks.
    pub(crate) agent: Option<Agent>,
    /// An answer to something that was passed through: its number, and what went wrong, if it did.
    pub(crate) answer: Option<(String, Option<String>)>,
}

/// What happened to a print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrintEvent {
    Started,
    Done,
    Cancelled,
    Failed,
    /// What says nothing that the status does not.
    Other,
}

impl Frame {
    /// Reads a message; `None` when it is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let object = value.as_object()?;
        let print = number(&value["current_print_ts"]).map(|ts| Some(ts as i64).filter(|ts| *ts > 0));
        Some(Self {
            is_empty: object.is_empty(),
            print,
            status: Status::read(&value["status"]),
            event: value["event"]["event_type"].as_str().map(PrintEvent::read),
            agent: agent(&value["settings"]),
            answer: answer(&value["passthru"]),
        })
    }
}

impl PrintEvent {
    fn read(word: &str) -> Self {
        match word {
            "PrintStarted" => Self::Started,
            "PrintDone" => Self::Done,
            "PrintCancelled" => Self::Cancelled,
            "PrintFailed" => Self::Failed,
            _ => Self::Other,
        }
    }
}

fn agent(settings: &Value) -> Option<Agent> {
    let word = |value: &Value| one_line(value.as_str().unwrap_or_default(), LONGEST_AGENT_WORD);
    let agent =
        Agent { name: word(&settings["agent"]["name"]), version: word(&settings["agent"]["version"]) };
    (!agent.name.is_empty()).then_some(agent)
}

fn answer(passthru: &Value) -> Option<(String, Option<String>)> {
    let reference = passthru["ref"].as_str()?.to_owned();
    // One of the agents says what went wrong beside the answer, the other inside of it.
    let error = [&passthru["error"], &passthru["ret"]["error"]].into_iter().find(|error| !error.is_null());
    let words = |error: &Value| match error.as_str() {
        Some(text) => one_line(text, 200),
        None => one_line(&error.to_string(), 200),
    };
    Some((reference, error.map(words)))
}
