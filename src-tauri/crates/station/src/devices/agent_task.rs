//! The task of a printer that has an agent: hands orders, messages and time to its link, and gives out what that tells.

use agent::AgentLink;
use domain::{AgentEvent, Clock, LinkChange, Now, Order, PrinterId};
use printer::Heard;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// Time is told so often.
const TICK: Duration = Duration::from_secs(1);

/// What the task of a printer is told.
pub(super) enum Input {
    Order(Order),
    Connected(u64, mpsc::Sender<String>),
    Gone(u64),
    Message(u64, String),
    Picture,
    SecondMachine,
    Says(AgentEvent),
    Looked,
    Watched(bool),
}

/// What the task of a printer holds.
pub(super) struct Served {
    pub(super) printer: PrinterId,
    pub(super) link: AgentLink,
    /// The socket that is open now: its number, and what goes to the agent.
    pub(super) socket: Option<(u64, mpsc::Sender<String>)>,
    pub(super) stop: Arc<Notify>,
    pub(super) heard: mpsc::Sender<(PrinterId, Heard)>,
}

impl Served {
    /// Runs until the printer is let go.
    pub(super) async fn run(mut self, clock: Arc<dyn Clock>, mut inputs: mpsc::Receiver<Input>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.notified() => self.link.emergency_stop(),
                input = inputs.recv() => match input {
                    Some(input) => self.take(input, clock.now()),
                    None => return,
                },
                _ = tick.tick() => self.link.handle_timeout(clock.now()),
            }
            self.send_out();
            for told in self.news(clock.now()) {
                if self.tell(told).await.is_err() {
                    return;
                }
            }
        }
    }

    fn take(&mut self, input: Input, now: Now) {
        let here = |number: u64| self.socket.as_ref().is_some_and(|(open, _)| *open == number);
        match input {
            Input::Order(order) => self.link.handle_order(order, now),
            Input::Connected(number, to_agent) => {
                self.socket = Some((number, to_agent));
                self.link.handle_connected(now);
            }
            Input::Gone(number) if here(number) => {
                self.socket = None;
                self.link.handle_gone(now);
            }
            Input::Message(number, text) if here(number) => self.link.handle_message(&text, now),
            // Of a socket that another has replaced.
            Input::Gone(_) | Input::Message(..) => (),
            Input::Picture => self.link.handle_picture(now),
            Input::SecondMachine => self.link.handle_second_machine(now),
            Input::Looked => self.link.handle_look(now),
            Input::Watched(watched) => self.link.set_watched(watched, now),
            Input::Says(said) => self.link.handle_report(said),
        }
    }

    /// Sends what the link has for the agent.
    fn send_out(&mut self) {
        while let Some(message) = self.link.poll_message() {
            if let Some((_, to_agent)) = &self.socket
                && to_agent.try_send(message).is_err()
            {
                tracing::warn!(printer = %self.printer, "the agent takes no messages: one was dropped");
            }
        }
    }

    /// Returns what is to be told. The report first: what a change is about stands in it.
    fn news(&mut self, now: Now) -> Vec<Heard> {
        let mut told: Vec<Heard> = self.link.poll_report(now).map(Heard::Report).into_iter().collect();
        told.extend(std::iter::from_fn(|| self.link.poll_change()).map(Heard::Change));
        if told.iter().any(|told| matches!(told, Heard::Change(LinkChange::Started(_)))) {
            // Only now the hub knows whose progress this is.
            self.link.repeat_report();
            told.extend(self.link.poll_report(now).map(Heard::Report));
        }
        told
    }

    /// Tells it. Whoever hears it may be busy; STOP goes out meanwhile.
    async fn tell(&mut self, told: Heard) -> Result<(), mpsc::error::SendError<()>> {
        let (heard, stop) = (self.heard.clone(), self.stop.clone());
        let room = loop {
            tokio::select! {
                biased;
                () = stop.notified() => {
                    self.link.emergency_stop();
                    self.send_out();
                }
                room = heard.reserve() => break room?,
            }
        };
        room.send((self.printer, told));
        Ok(())
    }
}
