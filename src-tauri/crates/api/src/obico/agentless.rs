//! Prints and pictures that a program tells of by itself, for a printer that neither this app nor an agent drives.
//!
//! Such a program stands in for the printer's agent as long as its print is under way: what it says is told to the printer's
//! task as an agent would tell it, so that the print is recorded like any other. It can be asked to do nothing, and nothing
//! is known of its heaters. An agent that comes with the printer's token takes over.

mod predict;

use crate::error::blocking;
use crate::printers::{Done, sent, view};
use crate::routing::{Routes, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::{Print, PrinterId, PrinterKind, PrinterView};
pub(crate) use predict::Predictions;
use serde::Deserialize;
use serde_json::{Value, json};
use station::{AgentSocket, NotConnected};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Longest name of a file, characters.
const LONGEST_NAME: usize = 1_000;
/// An agent tells of its printer at least so often.
const TELL: Duration = Duration::from_secs(10);
/// How long an agent that is connected may take to show that it is alive.
const PROBE: Duration = Duration::from_secs(4);
/// How long the begin or end of a print may take to be recorded.
const RECORDED: Duration = Duration::from_secs(30);

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/printers/{id}/start_print/", post(start))
        .route("/printers/{id}/finish_print/", post(finish).body::<PrintOver>())
        .merge(predict::routes())
}

/// Programs that tell of a print now, one for each printer, and the last number of a print of each.
#[derive(Default)]
pub(crate) struct Agentless(Mutex<(Speakers, BTreeMap<PrinterId, i64>)>);

type Speakers = BTreeMap<PrinterId, mpsc::Sender<ToldEnd>>;

impl Agentless {
    fn lock(&self) -> MutexGuard<'_, (Speakers, BTreeMap<PrinterId, i64>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of a print that begins in this second; no two of a printer have the same.
    fn number(&self, id: PrinterId, second: i64) -> i64 {
        let mut all = self.lock();
        let last = all.1.entry(id).or_insert(0);
        *last = second.max(*last + 1);
        *last
    }
}

/// How a print ended, by the word of the program that told of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ToldEnd {
    #[default]
    Success,
    Cancelled,
}

impl ToldEnd {
    fn event(self) -> &'static str {
        match self {
            Self::Success => "PrintDone",
            Self::Cancelled => "PrintCancelled",
        }
    }
}

/// The print that a program tells of.
#[derive(Clone)]
struct Told {
    number: i64,
    filename: String,
}

impl Told {
    /// Returns what an agent would say of it.
    fn message(&self, app: &App, event: Option<&str>, over: bool) -> String {
        let (text, flags) = match over {
            false => ("Printing", json!({"operational": true, "printing": true})),
            true => ("Operational", json!({"operational": true, "ready": true})),
        };
        let mut message = json!({
            "current_print_ts": self.number,
            "status": {
                "_ts": app.station.now().micros() as f64 / 1e6,
                "state": {"text": text, "flags": flags},
                "job": {"file": {"name": if over { Value::Null } else { json!(self.filename) }}},
                "temperatures": {},
            },
        });
        if let Some(event) = event {
            message["event"] = json!({"event_type": event, "data": {}});
        }
        message.to_string()
    }
}

/// A print that begins.
#[derive(Deserialize, schemars::JsonSchema)]
struct PrintBegun {
    filename: String,
}

fn check_agentless(view: &PrinterView) -> Result<(), ApiError> {
    if view.vigil.kind == PrinterKind::Agent {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::CONFLICT,
        "driven_here",
        "this printer is driven from here, which knows itself when its prints begin and end",
        "Start a file of the library instead: POST /api/v1/vigil/printers/{id}/start/.",
    ))
}

/// Notes that a print begins at a printer that nothing else tells of; one that was under way has ended by it.
async fn start(State(app): State<App>, Path(id): Path<PrinterId>, Json(begun): Json<PrintBegun>) -> Done {
    check_agentless(&*view(&app, id)?)?;
    let filename = begun.filename.trim().to_owned();
    let length = filename.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || filename.chars().any(char::is_control) {
        let error = ApiError::bad_request(format!(
            "a file's name has 1 to {LONGEST_NAME} characters that can be seen"
        ));
        return Err(error.of_field("filename"));
    }
    // Wholly: a program that hangs up meanwhile leaves no print half begun.
    let begin = tokio::spawn(async move {
        end_as(&app, id, ToldEnd::Success).await?;
        let number = app.agentless.number(id, app.station.now().micros() / 1_000_000);
        let told = Told { number, filename };
        let socket = connect(&app, id).await?;
        socket.message(told.message(&app, Some("PrintStarted"), false)).await;
        spawn(&app, id, socket, told);
        recorded(&app, id, true).await?;
        sent(view(&app, id)?)
    });
    begin.await.map_err(|error| ApiError::internal(error.to_string()))?
}

/// How a print ended: a success unless said.
#[derive(Default, Deserialize, schemars::JsonSchema)]
struct PrintOver {
    #[serde(default)]
    status: ToldEnd,
}

/// Notes that the print is over.
async fn finish(State(app): State<App>, Path(id): Path<PrinterId>, body: axum::body::Bytes) -> Done {
    check_agentless(&*view(&app, id)?)?;
    let PrintOver { status } = if body.trim_ascii().is_empty() {
        PrintOver::default()
    } else {
        let wrong = |_| ApiError::bad_request("status is success or cancelled").of_field("status");
        serde_json::from_slice(&body).map_err(wrong)?
    };
    let end = tokio::spawn(async move {
        if !end_as(&app, id, status).await? {
            let message = "the printer is not currently printing";
            return Err(ApiError::new(StatusCode::NOT_FOUND, "not_printing", message, ""));
        }
        sent(view(&app, id)?)
    });
    end.await.map_err(|error| ApiError::internal(error.to_string()))?
}

/// Ends the print under way. Returns whether there was one.
async fn end_as(app: &App, id: PrinterId, end: ToldEnd) -> Result<bool, ApiError> {
    let Some(print) = view(app, id)?.current_print.clone() else { return Ok(false) };
    let speaker = app.agentless.lock().0.get(&id).cloned();
    let told = match speaker {
        Some(speaker) => speaker.send(end).await.is_ok(),
        None => false,
    };
    if !told {
        // Nobody has told of it since this core began: it is taken up where it was, to be ended.
        let store = app.station.store().clone();
        let row = blocking(move || store.read(move |conn| store::print::get(conn, print.id))).await?;
        let Print { ext_id, filename, .. } = row.ok_or_else(|| ApiError::not_found("this print"))?;
        let (told, socket) = (Told { number: ext_id, filename }, connect(app, id).await?);
        socket.message(told.message(app, None, false)).await;
        socket.message(told.message(app, Some(end.event()), true)).await;
        return recorded(app, id, false).await.map(|()| true);
    }
    recorded(app, id, false).await?;
    Ok(true)
}

async fn connect(app: &App, id: PrinterId) -> Result<AgentSocket, ApiError> {
    match app.station.agents().connect(id, "", PROBE).await {
        Ok(socket) => Ok(socket),
        Err(NotConnected::NoPrinter) => Err(ApiError::not_found("this printer")),
        Err(NotConnected::SecondMachine) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "has_agent",
            "the printer's agent is connected, and tells itself when its prints begin and end",
            "",
        )),
    }
}

/// Speaks for the printer until its print is over or an agent takes its place.
fn spawn(app: &App, id: PrinterId, socket: AgentSocket, told: Told) {
    let (tell, ends) = mpsc::channel(1);
    app.agentless.lock().0.insert(id, tell.clone());
    let app = app.clone();
    tokio::spawn(async move {
        speak(&app, socket, &told, ends).await;
        let all = &mut app.agentless.lock().0;
        if all.get(&id).is_some_and(|other| other.same_channel(&tell)) {
            all.remove(&id);
        }
    });
}

async fn speak(app: &App, mut socket: AgentSocket, told: &Told, mut ends: mpsc::Receiver<ToldEnd>) {
    let mut tick = interval(TELL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // What is ordered cannot be done here: the printer's task says itself that nothing came of it.
            order = socket.outgoing.recv() => if order.is_none() { return },
            // Dropped unanswered: an agent of flesh comes first.
            Some(_) = socket.probes.recv() => (),
            end = ends.recv() => {
                if let Some(end) = end {
                    socket.message(told.message(app, Some(end.event()), true)).await;
                }
                return;
            }
            _ = tick.tick() => socket.message(told.message(app, None, false)).await,
            () = app.doors.over() => return,
        }
    }
}

/// Waits until a print is under way, or none is.
async fn recorded(app: &App, id: PrinterId, prints: bool) -> Result<(), ApiError> {
    let mut changes = app.station.subscribe();
    let seen = changes.wait_for(|now| {
        now.printers.get(&id).is_none_or(|view: &Arc<PrinterView>| view.current_print.is_some() == prints)
    });
    match timeout(RECORDED, seen).await {
        Ok(Ok(_)) => Ok(()),
        _ => Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_recorded",
            "what was told of the print was not recorded in time",
            "Look at the printer, and try again.",
        )),
    }
}
