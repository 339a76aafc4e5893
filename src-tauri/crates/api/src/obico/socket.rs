//! Obico's live socket: one printer, whole, at once and with each change; what is passed through, and its answers.
//!
//! A slow reader costs nothing: what is sent is always the newest state, and nothing waits behind what was not taken. What
//! is passed through at once is bounded, and so is the length of a message.

use super::passthru::{self, Ask, Asked};
use super::viewer::{OfShare, OfToken, OfWeb, Viewer};
use crate::App;
use crate::door::Guest;
use crate::live::Counted;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use domain::Role;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Longest message of a client, bytes.
const LONGEST: usize = 16 * 1024;
/// At most this many states a second.
const PACE: Duration = Duration::from_millis(100);
/// The state is sent again when none was for so long.
const AGAIN: Duration = Duration::from_secs(45);
/// A client that asks for the state gets it at most so often.
const ASKED: Duration = Duration::from_secs(1);
/// A ping keeps the connection known to be alive.
const PING: Duration = Duration::from_secs(15);
/// While somebody looks, an agent is asked for fresh pictures so often.
const LOOKS: Duration = Duration::from_secs(5);
/// Lines of the terminal are looked for so often.
const LINES: Duration = Duration::from_millis(500);
/// What is passed through at once, of one client.
const MOST_ASKED: usize = 8;
/// References that are remembered: what comes again with one of them is left out.
const MOST_REFS: usize = 64;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ws/web/{which}/", get(web))
        .route("/ws/token/web/{token}/", get(by_token))
        .route("/ws/share_token/web/{token}/", get(by_share))
}

async fn web(
    State(app): State<App>,
    OfWeb(viewer): OfWeb,
    guest: Option<Extension<Guest>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    open(app, viewer, guest, upgrade)
}

async fn by_token(
    State(app): State<App>,
    OfToken(viewer): OfToken,
    guest: Option<Extension<Guest>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    open(app, viewer, guest, upgrade)
}

async fn by_share(
    State(app): State<App>,
    OfShare(viewer): OfShare,
    guest: Option<Extension<Guest>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    open(app, viewer, guest, upgrade)
}

fn open(app: App, viewer: Viewer, guest: Option<Extension<Guest>>, upgrade: WebSocketUpgrade) -> Response {
    let guest = guest.map(|Extension(guest)| guest);
    upgrade.max_message_size(LONGEST).on_upgrade(move |socket| async move {
        let _counted = Counted::new(&app);
        if viewer.caller.role == Role::Owner {
            crate::user::note_active(&app);
        }
        let over = app.doors.over();
        let sent_away = async {
            match &guest {
                Some(guest) => guest.sent_away().await,
                None => std::future::pending().await,
            }
        };
        let ends = app.access.ends(&viewer.caller);
        tokio::select! {
            () = sent_away => (),
            () = over => (),
            () = ends => (),
            _ = Session::new(&app, &viewer, socket).run(guest.as_ref()) => (),
        }
    })
}

struct Session<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    socket: WebSocket,
    /// Of the state that was sent last, and when.
    shown: u64,
    sent_at: Instant,
    /// It was asked for again.
    due: bool,
    refs: VecDeque<Value>,
    asked: FuturesUnordered<BoxFuture<'a, Value>>,
    /// The terminal is followed behind this line.
    terminal: Option<u64>,
}

/// The socket is over.
struct Over;

impl<'a> Session<'a> {
    fn new(app: &'a App, viewer: &'a Viewer, socket: WebSocket) -> Self {
        let (refs, asked, sent_at) = (VecDeque::new(), FuturesUnordered::new(), Instant::now());
        Self { app, viewer, socket, shown: 0, sent_at, due: true, refs, asked, terminal: None }
    }

    async fn run(mut self, guest: Option<&Guest>) -> Result<(), Over> {
        let mut changes = self.app.station.subscribe();
        let every = |period| {
            let mut every = interval(period);
            every.set_missed_tick_behavior(MissedTickBehavior::Delay);
            every
        };
        let (mut tick, mut ping) = (every(ASKED), every(PING));
        let (mut looks, mut lines) = (every(LOOKS), every(LINES));
        changes.mark_unchanged();
        self.tell().await?;
        loop {
            tokio::select! {
                changed = changes.changed() => {
                    changed.map_err(|_| Over)?;
                    self.tell_if_changed().await?;
                    tokio::time::sleep(PACE).await;
                }
                message = self.socket.recv() => {
                    if let Some(guest) = guest {
                        guest.admit();
                    }
                    match message {
                        None | Some(Err(_) | Ok(Message::Close(_))) => return Err(Over),
                        Some(Ok(Message::Text(text))) => self.take(&text).await?,
                        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => (),
                    }
                }
                Some(answer) = self.asked.next() => self.send(&answer).await?,
                _ = tick.tick() => {
                    if self.due || self.sent_at.elapsed() >= AGAIN {
                        self.tell().await?;
                    }
                }
                _ = lines.tick(), if self.terminal.is_some() => self.follow_terminal().await?,
                _ = looks.tick() => self.look(),
                _ = ping.tick() => self.socket.send(Message::Ping(Bytes::new())).await.map_err(|_| Over)?,
            }
        }
    }

    async fn send(&mut self, message: &impl Serialize) -> Result<(), Over> {
        let text = serde_json::to_string(message).map_err(|_| Over)?;
        self.socket.send(Message::Text(text.into())).await.map_err(|_| Over)
    }

    /// Sends the newest state.
    async fn tell(&mut self) -> Result<(), Over> {
        let view = self.viewer.printer_view(self.app).ok_or(Over)?;
        (self.shown, self.sent_at, self.due) = (view.vigil.seq, Instant::now(), false);
        self.send(&self.viewer.sees(&view)).await
    }

    async fn tell_if_changed(&mut self) -> Result<(), Over> {
        let view = self.viewer.printer_view(self.app).ok_or(Over)?;
        if view.vigil.seq == self.shown { Ok(()) } else { self.tell().await }
    }

    /// An agent sends more pictures while somebody looks.
    fn look(&self) {
        let view = self.viewer.printer_view(self.app);
        if let Some(camera) = view.as_ref().and_then(|view| view.vigil.camera.as_ref()) {
            self.app.station.agents().looked(camera.id);
        }
    }

    /// Takes a message of the client.
    async fn take(&mut self, text: &str) -> Result<(), Over> {
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return self.send(&json!({"error": "this is no JSON"})).await;
        };
        // A shared link only shows: whatever is sent there asks for the state at most.
        let passed = message.get("passthru").filter(|_| self.viewer.share_token.is_none());
        let Some(passed) = passed else {
            if self.sent_at.elapsed() >= ASKED {
                return self.tell().await;
            }
            self.due = true;
            return Ok(());
        };
        // Without a reference nobody waits for an answer, and nothing could be told apart.
        let Some(ask) = Ask::read(passed) else {
            let error = "a passthru has a `target`, a `func`, and a `ref` of its own";
            return self.send(&json!({"error": error})).await;
        };
        if self.refs.contains(&ask.reference) {
            return Ok(());
        }
        self.refs.push_back(ask.reference.clone());
        if self.refs.len() > MOST_REFS {
            self.refs.pop_front();
        }
        if self.asked.len() >= MOST_ASKED {
            let busy = passthru::refused(&ask.reference, "too much was asked at once: wait for the answers");
            return self.send(&busy).await;
        }
        match ask.what() {
            Asked::Terminal(on) => {
                let answer = self.switch_terminal(&ask, on).await;
                self.send(&answer).await
            }
            Asked::Printer => {
                let (app, viewer) = (self.app, self.viewer);
                self.asked.push(Box::pin(passthru::carry_out(app, viewer, ask)));
                Ok(())
            }
        }
    }

    async fn switch_terminal(&mut self, ask: &Ask, on: bool) -> Value {
        if let Err(error) = passthru::check_owner(self.viewer) {
            return passthru::refused(&ask.reference, &error.sentence());
        }
        if !on {
            self.terminal = None;
            return passthru::done(&ask.reference, "ok".into());
        }
        match self.app.station.terminal(self.viewer.printer, 0, 1).await {
            Ok(page) => {
                self.terminal = Some(page.next);
                passthru::done(&ask.reference, "ok".into())
            }
            Err(error) => passthru::refused(&ask.reference, &crate::ApiError::from(error).sentence()),
        }
    }

    async fn follow_terminal(&mut self) -> Result<(), Over> {
        let Some(after) = self.terminal else { return Ok(()) };
        let Ok(page) = self.app.station.terminal(self.viewer.printer, after, 200).await else {
            return Ok(());
        };
        self.terminal = Some(page.next);
        // Number 0 begins with what is there already.
        for line in page.lines.into_iter().filter(|line| line.seq > after) {
            let feed = json!({"msg": line.line.text, "_ts": line.t});
            self.send(&json!({"passthru": {"terminal_feed": feed}})).await?;
        }
        Ok(())
    }
}
