//! The task of a printer that has an agent: hands orders, questions, messages and time to its link, and gives out what that
//! tells.

use super::agent_files::AgentFiles;
use agent::{AgentLink, Ask};
use domain::{AgentEvent, Clock, LinkChange, Millis, Now, Order, PrinterId, StartJob, Turned};
use printer::Heard;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// Time is told so often.
const TICK: Duration = Duration::from_secs(1);
/// A question that has no answer after this gets none, milliseconds.
const ANSWER_MS: Millis = 45_000;

/// Where an answer goes.
pub(super) type AnswerTo = oneshot::Sender<Result<Value, String>>;

/// What the task of a printer is told.
pub(super) enum Input {
    Order(Order),
    Connected(Socket),
    Gone(u64),
    Message(u64, String),
    Picture,
    SecondMachine,
    Says(AgentEvent),
    Looked,
    TerminalRead,
    Watched(bool),
    Ask(Ask, AnswerTo),
}

/// An open socket.
pub(super) struct Socket {
    pub(super) number: u64,
    /// What goes to the agent.
    pub(super) to_agent: mpsc::Sender<String>,
    /// Our name and port, by which the agent has found us.
    pub(super) us: String,
}

/// What the task of a printer holds.
pub(super) struct Served {
    pub(super) printer: PrinterId,
    pub(super) link: AgentLink,
    pub(super) clock: Arc<dyn Clock>,
    /// The socket that is open now.
    pub(super) socket: Option<Socket>,
    pub(super) stop: Arc<Notify>,
    pub(super) heard: mpsc::Sender<(PrinterId, Heard)>,
    pub(super) files: AgentFiles,
    /// Who waits for an answer, by the number of the question, and since when.
    pub(super) waiting: BTreeMap<String, (AnswerTo, Millis)>,
    /// How its camera is turned is told here.
    pub(super) turned: mpsc::Sender<(PrinterId, Turned)>,
}

impl Served {
    /// Runs until the printer is let go.
    pub(super) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.notified() => self.link.emergency_stop(self.clock.now()),
                input = inputs.recv() => match input {
                    Some(input) => self.take(input, self.clock.now()),
                    None => return,
                },
                _ = tick.tick() => self.pass_time(self.clock.now()),
            }
            self.send_out();
            self.answer();
            self.show_traffic();
            for told in self.news(self.clock.now()) {
                if self.tell(told).await.is_err() {
                    return;
                }
            }
        }
    }

    fn take(&mut self, input: Input, now: Now) {
        let here = |number: u64| self.socket.as_ref().is_some_and(|open| open.number == number);
        match input {
            Input::Order(Order::Start(job)) => self.start(&job, now),
            Input::Order(order) => self.link.handle_order(order, now),
            Input::Connected(socket) => {
                self.socket = Some(socket);
                self.link.handle_connected(now);
            }
            Input::Gone(number) if here(number) => {
                self.socket = None;
                self.link.handle_gone(now);
                // Nobody answers any more.
                self.waiting.clear();
            }
            Input::Message(number, text) if here(number) => self.link.handle_message(&text, now),
            // Of a socket that another has replaced.
            Input::Gone(_) | Input::Message(..) => (),
            Input::Picture => self.link.handle_picture(now),
            Input::SecondMachine => self.link.handle_second_machine(now),
            Input::Looked => self.link.handle_look(now),
            Input::TerminalRead => self.link.handle_terminal_read(now),
            Input::Watched(watched) => self.link.set_watched(watched, now),
            Input::Says(said) => self.link.handle_report(said),
            Input::Ask(ask, to) => match self.link.ask(&ask) {
                Ok(reference) => {
                    self.waiting.insert(reference, (to, now.mono_ms));
                }
                Err(why) => drop(to.send(Err(why))),
            },
        }
    }

    /// Has the agent print a file of ours: it fetches it by an address that works for this once.
    fn start(&mut self, job: &StartJob, now: Now) {
        let path = self.files.offer(self.printer, job);
        let us = self.socket.as_ref().map_or("", |socket| socket.us.as_str());
        self.link.start(job, &format!("http://{us}{path}"), now);
    }

    fn pass_time(&mut self, now: Now) {
        self.link.handle_timeout(now);
        self.waiting.retain(|_, (_, since)| now.mono_ms.saturating_sub(*since) < ANSWER_MS);
    }

    /// Sends what the link has for the agent.
    fn send_out(&mut self) {
        while let Some(message) = self.link.poll_message() {
            if let Some(socket) = &self.socket
                && socket.to_agent.try_send(message).is_err()
            {
                tracing::warn!(printer = %self.printer, "the agent takes no messages: one was dropped");
                self.link.handle_untaken();
            }
        }
    }

    fn answer(&mut self) {
        while let Some((reference, result)) = self.link.poll_answer() {
            if let Some((to, _)) = self.waiting.remove(&reference) {
                let _ = to.send(result);
            }
        }
    }

    /// Shows what was said on the wire; dropped where nobody keeps up.
    fn show_traffic(&mut self) {
        let lines = self.link.take_traffic();
        if !lines.is_empty() {
            let _ = self.heard.try_send((self.printer, Heard::Traffic(lines)));
        }
    }

    /// Returns what is to be told. The report first: what a change is about stands in it.
    fn news(&mut self, now: Now) -> Vec<Heard> {
        let mut told: Vec<Heard> = self.link.poll_report(now).map(Heard::Report).into_iter().collect();
        while let Some(change) = self.link.poll_change() {
            if let LinkChange::AgentCamera(turned) = change {
                let _ = self.turned.try_send((self.printer, turned));
            } else {
                told.push(Heard::Change(change));
            }
        }
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
                    self.link.emergency_stop(self.clock.now());
                    self.send_out();
                }
                room = heard.reserve() => break room?,
            }
        };
        room.send((self.printer, told));
        Ok(())
    }
}
