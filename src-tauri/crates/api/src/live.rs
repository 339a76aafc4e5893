//! The live socket: one snapshot, then what changes, numbered so that a gap is noticed.

use crate::App;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use domain::PrinterId;
use serde::Deserialize;
use serde_json::{Value, json};
use station::Snapshot;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Who says nothing for so long after connecting is let go.
const HELLO: Duration = Duration::from_secs(10);

/// A ping at least this often keeps the connection known to be alive.
const PING: Duration = Duration::from_secs(15);

/// At most this many updates a second.
const PACE: Duration = Duration::from_millis(100);

#[derive(Deserialize)]
struct Hello {
    token: String,
}

#[derive(Deserialize)]
struct Ask {
    #[serde(rename = "type")]
    kind: String,
}

pub(crate) async fn live(State(app): State<App>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(4096).on_upgrade(move |socket| talk(app, socket))
}

async fn talk(app: App, mut socket: WebSocket) {
    let hello = tokio::time::timeout(HELLO, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(text)))) = hello else { return };
    if !serde_json::from_str::<Hello>(&text).is_ok_and(|hello| app.access.is_token(&hello.token)) {
        let refused = json!({"type": "refused", "code": "no_token"});
        let _ = socket.send(Message::Text(refused.to_string().into())).await;
        return;
    }
    app.doors.clients.send_modify(|clients| *clients += 1);
    let _ = follow(&app, &mut socket).await;
    app.doors.clients.send_modify(|clients| *clients = clients.saturating_sub(1));
}

async fn follow(app: &App, socket: &mut WebSocket) -> Result<(), axum::Error> {
    let mut changes = app.station.subscribe();
    let mut ended = app.doors.ended.subscribe();
    let mut shown = Shown::default();
    let mut ping = tokio::time::interval(PING);
    let first = changes.borrow_and_update().clone();
    send(socket, shown.whole(&first)).await?;
    loop {
        tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let now = changes.borrow_and_update().clone();
                for message in shown.update(&now) {
                    send(socket, message).await?;
                }
                tokio::time::sleep(PACE).await;
            }
            message = socket.recv() => match message {
                None => return Ok(()),
                Some(Err(error)) => return Err(error),
                Some(Ok(Message::Text(text))) => {
                    if serde_json::from_str::<Ask>(&text).is_ok_and(|ask| ask.kind == "again") {
                        let now = changes.borrow_and_update().clone();
                        send(socket, shown.whole(&now)).await?;
                    }
                }
                Some(Ok(Message::Close(_))) => return Ok(()),
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => (),
            },
            _ = ping.tick() => socket.send(Message::Ping(bytes::Bytes::new())).await?,
            () = over(&mut ended) => return Ok(()),
        }
    }
}

async fn over(ended: &mut watch::Receiver<bool>) {
    let _ = ended.wait_for(|ended| *ended).await;
}

async fn send(socket: &mut WebSocket, message: Value) -> Result<(), axum::Error> {
    socket.send(Message::Text(message.to_string().into())).await
}

/// What one client has been shown.
#[derive(Default)]
struct Shown {
    seq: u64,
    printers: BTreeMap<PrinterId, u64>,
    system: Option<Arc<station::System>>,
    notice_seq: u64,
}

impl Shown {
    fn next(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    fn whole(&mut self, now: &Snapshot) -> Value {
        self.printers = now.printers.iter().map(|(id, view)| (*id, view.vigil.seq)).collect();
        self.system = Some(now.system.clone());
        self.notice_seq = now.notice_seq;
        let printers: Vec<_> = now.printers.values().collect();
        json!({"type": "snapshot", "seq": self.next(), "printers": printers, "system": now.system})
    }

    fn update(&mut self, now: &Snapshot) -> Vec<Value> {
        let mut messages = Vec::new();
        let gone: Vec<PrinterId> =
            self.printers.keys().filter(|id| !now.printers.contains_key(id)).copied().collect();
        for id in gone {
            self.printers.remove(&id);
            messages.push(json!({"type": "removed", "seq": self.next(), "printer": id}));
        }
        for (id, view) in &now.printers {
            if self.printers.insert(*id, view.vigil.seq) != Some(view.vigil.seq) {
                messages.push(json!({"type": "printer", "seq": self.next(), "printer": view}));
            }
        }
        if self.system.as_ref() != Some(&now.system) {
            self.system = Some(now.system.clone());
            messages.push(json!({"type": "system", "seq": self.next(), "system": now.system}));
        }
        for entry in now.notices.iter().filter(|entry| entry.seq > self.notice_seq) {
            messages.push(json!({"type": "notice", "seq": self.seq + 1, "notice": entry.notice}));
            self.seq += 1;
        }
        self.notice_seq = now.notice_seq;
        messages
    }
}
