//! The live socket: one snapshot, then what changes, numbered so that a gap is noticed.

use crate::App;
use crate::app_keys::AppKeyRequest;
use crate::door::{Guest, Peer};
use crate::keys::Caller;
use ::mqtt::Machines;
use axum::Extension;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use domain::{Notice, PrinterId, PrinterView, Role};
use serde::{Deserialize, Serialize};
use station::{Snapshot, System};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Who says nothing for so long after connecting is let go.
const HELLO: Duration = Duration::from_secs(10);

/// A ping at least this often keeps the connection known to be alive.
const PING: Duration = Duration::from_secs(15);

/// So often the page is told that the core lives, whatever else there is to tell: after three without it, what the page
/// shows counts as old.
const ALIVE: Duration = Duration::from_secs(1);

/// At most this many updates a second.
const PACE: Duration = Duration::from_millis(100);

/// What the socket says. `seq` counts up by one.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum LiveMessage {
    /// Everything: first of all, and when it is asked for again. `role`: what whoever listens may do.
    Snapshot { seq: u64, role: Role, printers: Vec<Arc<PrinterView>>, system: Arc<System> },
    /// A printer has changed.
    Printer { seq: u64, printer: Arc<PrinterView> },
    /// A printer is there no more.
    Removed { seq: u64, printer: PrinterId },
    /// Something that a person should hear of.
    Notice { seq: u64, notice: Arc<Notice> },
    /// What concerns no printer has changed.
    System { seq: u64, system: Arc<System> },
    /// Programs that ask for a key of their own, all that wait for an answer now. Told to owners only.
    AppKeyRequests { requests: Vec<AppKeyRequest> },
    /// What Printvigils on other computers tell has changed; nothing is told of them while that is switched off.
    Machines { machines: Box<Machines> },
    /// The core lives, whatever else there is to tell.
    Alive,
    /// The token is neither that of this launch nor that of a paired device: nothing follows.
    Refused { code: &'static str },
}

#[derive(Deserialize)]
struct Hello {
    token: String,
}

#[derive(Deserialize)]
struct Ask {
    #[serde(rename = "type")]
    kind: String,
}

pub(crate) async fn live(
    State(app): State<App>,
    guest: Option<Extension<Guest>>,
    peer: Option<Extension<Peer>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let peer = peer.map(|Extension(peer)| peer);
    let guest = guest.map(|Extension(guest)| guest);
    upgrade.max_message_size(4096).on_upgrade(move |socket| async move {
        tokio::select! {
            () = sent_away(guest.as_ref()) => (),
            () = talk(app, socket, guest.as_ref(), peer) => (),
        }
    })
}

async fn sent_away(guest: Option<&Guest>) {
    match guest {
        Some(guest) => guest.sent_away().await,
        None => std::future::pending().await,
    }
}

async fn talk(app: App, mut socket: WebSocket, guest: Option<&Guest>, peer: Option<Peer>) {
    let hello = tokio::time::timeout(HELLO, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(text)))) = hello else { return };
    let told = serde_json::from_str::<Hello>(&text).ok();
    let Some(caller) = told.and_then(|hello| app.access.by_secret(&hello.token, guest)) else {
        app.access.strike(peer);
        let _ = send(&mut socket, &LiveMessage::Refused { code: "no_token" }).await;
        return;
    };
    let _counted = Counted::new(&app);
    if caller.role == Role::Owner {
        crate::user::note_active(&app);
    }
    tokio::select! {
        () = app.access.ends(&caller) => (),
        _ = follow(&app, &caller, &mut socket, guest) => (),
    }
}

/// One open socket; counted as long as it lives, however it ends.
pub(crate) struct Counted<'a>(&'a App);

impl<'a> Counted<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        app.doors.clients.send_modify(|clients| *clients += 1);
        Self(app)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.doors.clients.send_modify(|clients| *clients = clients.saturating_sub(1));
    }
}

async fn follow(
    app: &App,
    caller: &Caller,
    socket: &mut WebSocket,
    guest: Option<&Guest>,
) -> Result<(), axum::Error> {
    let mut changes = app.station.subscribe();
    let mut over = std::pin::pin!(app.doors.over());
    let mut shown = Shown::to(*caller);
    let mut ping = tokio::time::interval(PING);
    let mut alive = tokio::time::interval(ALIVE);
    alive.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let first = changes.borrow_and_update().clone();
    send(socket, &shown.whole(&first)).await?;
    loop {
        tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let now = changes.borrow_and_update().clone();
                for message in shown.update(&now) {
                    send(socket, &message).await?;
                }
                tokio::time::sleep(PACE).await;
            }
            message = socket.recv() => {
                // Its answers to our pings keep the page among those who were heard last.
                if let Some(guest) = guest {
                    guest.admit();
                }
                match message {
                    None | Some(Ok(Message::Close(_))) => return Ok(()),
                    Some(Err(error)) => return Err(error),
                    Some(Ok(Message::Text(text))) => {
                        if serde_json::from_str::<Ask>(&text).is_ok_and(|ask| ask.kind == "again") {
                            let now = changes.borrow_and_update().clone();
                            send(socket, &shown.whole(&now)).await?;
                        }
                    }
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => (),
                }
            }
            _ = alive.tick() => {
                send(socket, &LiveMessage::Alive).await?;
                let asking = shown.asking(app.app_keys.waiting(Instant::now()));
                for message in asking.into_iter().chain(shown.machines(app.mqtt.machines())) {
                    send(socket, &message).await?;
                }
            }
            _ = ping.tick() => socket.send(Message::Ping(bytes::Bytes::new())).await?,
            () = over.as_mut() => return Ok(()),
        }
    }
}

async fn send(socket: &mut WebSocket, message: &LiveMessage) -> Result<(), axum::Error> {
    let text = serde_json::to_string(message).map_err(axum::Error::new)?;
    socket.send(Message::Text(text.into())).await
}

/// What one client has been shown, and what it may see.
struct Shown {
    caller: Caller,
    seq: u64,
    printers: BTreeMap<PrinterId, u64>,
    system: Option<Arc<System>>,
    notice_seq: u64,
    asking: Vec<AppKeyRequest>,
    machines: Machines,
}

impl Shown {
    fn to(caller: Caller) -> Self {
        Self {
            caller,
            seq: 0,
            printers: BTreeMap::new(),
            system: None,
            notice_seq: 0,
            asking: Vec::new(),
            machines: Machines::default(),
        }
    }

    /// Returns what is to be told of the programs that ask for a key: nothing where nothing has changed.
    fn asking(&mut self, now: Vec<AppKeyRequest>) -> Option<LiveMessage> {
        if self.caller.role < Role::Owner || self.asking == now {
            return None;
        }
        self.asking.clone_from(&now);
        Some(LiveMessage::AppKeyRequests { requests: now })
    }

    /// Returns what is to be told of other machines: nothing where nothing has changed.
    fn machines(&mut self, now: Machines) -> Option<LiveMessage> {
        if self.machines == now || !self.caller.sees_machines() {
            return None;
        }
        self.machines.clone_from(&now);
        Some(LiveMessage::Machines { machines: Box::new(now) })
    }

    fn next(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// Where the data lies is for the owner alone.
    fn system(&self, system: &Arc<System>) -> Arc<System> {
        match self.caller.role {
            Role::Owner => system.clone(),
            Role::View | Role::Operate => {
                Arc::new(System { data_dir: String::new(), ..System::clone(system) })
            }
        }
    }

    fn whole(&mut self, now: &Snapshot) -> LiveMessage {
        self.printers = now.printers.iter().map(|(id, view)| (*id, view.vigil.seq)).collect();
        self.system = Some(now.system.clone());
        self.notice_seq = now.notice_seq;
        // Told again behind it.
        self.asking.clear();
        self.machines = Machines::default();
        let printers = now.printers.values().map(|view| self.caller.sees(view)).collect();
        let (role, system) = (self.caller.role, self.system(&now.system));
        LiveMessage::Snapshot { seq: self.next(), role, printers, system }
    }

    fn update(&mut self, now: &Snapshot) -> Vec<LiveMessage> {
        let mut messages = Vec::new();
        let gone: Vec<PrinterId> =
            self.printers.keys().filter(|id| !now.printers.contains_key(id)).copied().collect();
        for id in gone {
            self.printers.remove(&id);
            messages.push(LiveMessage::Removed { seq: self.next(), printer: id });
        }
        for (id, view) in &now.printers {
            if self.printers.insert(*id, view.vigil.seq) != Some(view.vigil.seq) {
                let printer = self.caller.sees(view);
                messages.push(LiveMessage::Printer { seq: self.next(), printer });
            }
        }
        if self.system.as_ref() != Some(&now.system) {
            self.system = Some(now.system.clone());
            let system = self.system(&now.system);
            messages.push(LiveMessage::System { seq: self.next(), system });
        }
        let shown = self.notice_seq;
        for entry in now.notices.iter().filter(|entry| entry.seq > shown) {
            messages.push(LiveMessage::Notice { seq: self.next(), notice: entry.notice.clone() });
        }
        self.notice_seq = now.notice_seq;
        messages
    }
}
