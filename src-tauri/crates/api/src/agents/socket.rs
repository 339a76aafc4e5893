//! The socket of an agent: its messages go to the printer's link, ours to the agent.
//!
//! **Invariant:** the close code 4321 is never sent: an agent that gets it obeys and says nothing any more.

use super::wire::AgentOf;
use crate::door::Guest;
use crate::{ApiError, App};
use axum::Extension;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{State, WebSocketUpgrade};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use station::{AgentSocket, MOST_MESSAGE, NotConnected};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Agents never ask whether we are there: they are pinged.
const PING: Duration = Duration::from_secs(20);
/// An agent that answers no ping for so long is gone.
const SILENCE: Duration = Duration::from_secs(65);
/// How long the first of two sockets with one token may take to show that it is alive.
const PROBE: Duration = Duration::from_secs(4);

pub(super) async fn dev(
    State(app): State<App>,
    AgentOf(printer): AgentOf,
    guest: Option<Extension<Guest>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Checked before: it is a name of ours.
    let us = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let socket = match app.station.agents().connect(printer, us, PROBE).await {
        Ok(socket) => socket,
        Err(NotConnected::SecondMachine) => {
            let message = "another machine with the same token is connected";
            let hint = "Link this one anew in Printvigil: Add a printer, It runs OctoPrint or Klipper.";
            return ApiError::new(StatusCode::CONFLICT, "token_in_use", message, hint).into_response();
        }
        Err(NotConnected::NoPrinter) => return ApiError::not_found("this printer").into_response(),
    };
    let guest = guest.map(|Extension(guest)| guest);
    upgrade.max_message_size(MOST_MESSAGE).on_upgrade(move |open| async move {
        let gone = async {
            match &guest {
                Some(guest) => guest.sent_away().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = gone => (),
            () = app.doors.over() => (),
            why = talk(open, socket, guest.as_ref()) => {
                tracing::info!(%printer, why, "the agent is gone");
            }
        }
    })
}

/// Carries messages until one side ends it; returns why.
async fn talk(mut open: WebSocket, mut agent: AgentSocket, guest: Option<&Guest>) -> &'static str {
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let mut asked = Vec::new();
    loop {
        tokio::select! {
            message = open.recv() => {
                heard = Instant::now();
                if let Some(guest) = guest {
                    guest.admit();
                }
                // Whatever comes: it is alive.
                for answer in asked.drain(..) {
                    let answer: tokio::sync::oneshot::Sender<()> = answer;
                    let _ = answer.send(());
                }
                match message {
                    None | Some(Ok(Message::Close(_))) => return "it closed",
                    Some(Err(_)) => return "its connection broke, or a message was too long",
                    Some(Ok(Message::Text(text))) => agent.message(text.to_string()).await,
                    // Tunnels of Obico's cloud: nothing here opens one.
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => (),
                }
            }
            message = agent.outgoing.recv() => {
                let Some(message) = message else { return "another socket took its place, or its printer is gone" };
                if open.send(Message::Text(message.into())).await.is_err() {
                    return "its connection broke";
                }
            }
            Some(answer) = agent.probes.recv() => {
                asked.push(answer);
                if open.send(Message::Ping(Bytes::new())).await.is_err() {
                    return "its connection broke";
                }
            }
            _ = ping.tick() => {
                if heard.elapsed() >= SILENCE {
                    return "it answered no ping";
                }
                if open.send(Message::Ping(Bytes::new())).await.is_err() {
                    return "its connection broke";
                }
            }
        }
    }
}
