//! One message of an agent, taken apart. Hostile: whatever is missing or of a wrong kind is left out, and the rest counts.

use crate::status::Status;
use crate::values::number;
use domain::{Agent, LONGEST_AGENT_WORD, LONGEST_TRAFFIC, Rotation, Turned, one_line};
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
    /// How the pictures of its camera are to be turned.
    pub(crate) turned: Option<Turned>,
    /// An answer to something that was passed through.
    pub(crate) answer: Option<Answer>,
    /// A line that the printer said.
    pub(crate) line: Option<String>,
}

/// An answer to something that was passed through.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// Our number of the question.
    pub(crate) reference: String,
    /// What came of it, or what went wrong.
    pub(crate) result: Result<Value, String>,
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
            turned: turned(&value["settings"]),
            answer: answer(&value["passthru"]),
            line: value["passthru"]["terminal_feed"]["msg"]
                .as_str()
                .map(|line| one_line(line, LONGEST_TRAFFIC)),
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

/// Returns how the first camera stands by the settings. Agents without a program for live video leave the cameras out; older
/// ones tell of one alone.
fn turned(settings: &Value) -> Option<Turned> {
    let cameras = settings["webcams"].as_array().map(Vec::as_slice).unwrap_or_default();
    let first = cameras.iter().find(|camera| camera["is_primary_camera"].as_bool() == Some(true));
    let camera = first.or(cameras.first()).unwrap_or(&settings["webcam"]);
    let is_on = |key: &str| camera[key].as_bool().unwrap_or(false);
    let degrees = number(&camera["rotation"]).unwrap_or_default() as u16;
    camera.as_object()?;
    let rotation = Rotation::try_from(degrees).unwrap_or_default();
    Some(Turned { rotation, flip_h: is_on("flipH"), flip_v: is_on("flipV") })
}

fn answer(passthru: &Value) -> Option<Answer> {
    let reference = passthru["ref"].as_str()?.to_owned();
    // One of the agents says what went wrong beside the answer, the other inside of it.
    let error = [&passthru["error"], &passthru["ret"]["error"]].into_iter().find(|error| !error.is_null());
    let words = |error: &Value| match error.as_str() {
        Some(text) => one_line(text, 200),
        None => one_line(&error.to_string(), 200),
    };
    Some(Answer {
        reference,
        result: error.map_or_else(|| Ok(passthru["ret"].clone()), |error| Err(words(error))),
    })
}
