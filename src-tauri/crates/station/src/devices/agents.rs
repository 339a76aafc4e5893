//! Printers that OctoPrint or Klipper drives: a task for each, in the place of the thread at a port. Its agent comes by a
//! socket of the API, which hands its messages and pictures in here.

use super::agent_files::{AgentFiles, FetchedFile};
use super::agent_further::{self as further, Wanted};
use super::agent_pictures::{Flow, Pictures};
use super::agent_task::{Input, Served, Socket};
use agent::{AgentLink, Ask};
use bytes::Bytes;
use camera::OpenSource;
use domain::{Agent, AgentEvent, CameraId, Clock, LinkChange, Order, PrinterId, RefusedReason, Turned};
use printer::Heard;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What waits for a task at most; who brings messages waits then, so that an agent is slowed down and nothing is lost.
const INBOX: usize = 64;
/// Messages that wait for the socket at most.
const OUTBOX: usize = 64;
/// Files of agents that are remembered at most.
const MOST_FILES: usize = 1_000;
/// Numbers of files that lie at the agent's computer begin here, far from those of the library.
const FIRST_FILE: i64 = 1_000_000_000;

/// One printer's place.
struct Place {
    inbox: mpsc::Sender<Input>,
    /// STOP: before all that waits in the inbox, and not held up by whoever hears of the printer.
    stop: Arc<Notify>,
    pictures: Arc<Pictures>,
    /// Who wants pictures of further cameras.
    wanted: watch::Sender<Wanted>,
    /// The socket that is open now.
    socket: Option<OpenSocket>,
    task: JoinHandle<()>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A way to ask the holder of a socket whether the other end is alive.
struct OpenSocket {
    number: u64,
    probe: mpsc::Sender<oneshot::Sender<()>>,
}

struct All {
    places: BTreeMap<PrinterId, Place>,
    /// Whose pictures a camera shows.
    cameras: BTreeMap<CameraId, PrinterId>,
    files: Vec<(PrinterId, String)>,
    next_socket: u64,
    /// How cameras of agents are turned at their hosts, and where that is followed.
    turned: mpsc::Sender<(PrinterId, Turned)>,
    follow_turned: Option<mpsc::Receiver<(PrinterId, Turned)>>,
}

impl Default for All {
    fn default() -> Self {
        let (turned, follow) = mpsc::channel(INBOX);
        Self {
            places: BTreeMap::new(),
            cameras: BTreeMap::new(),
            files: Vec::new(),
            next_socket: 0,
            turned,
            follow_turned: Some(follow),
        }
    }
}

/// All printers that have an agent. Cheap to clone.
#[derive(Clone, Default)]
pub struct Agents {
    all: Arc<Mutex<All>>,
    files: AgentFiles,
}

/// An agent's end of the socket, as the API holds it. When it is dropped, the agent is gone.
pub struct AgentSocket {
    agents: Agents,
    printer: PrinterId,
    number: u64,
    inbox: mpsc::Sender<Input>,
    /// Messages to be sent to the agent; ends when the printer is removed or another socket takes its place.
    pub outgoing: mpsc::Receiver<String>,
    /// Somebody asks whether the agent is alive: to be pinged, and answered when it answers.
    pub probes: mpsc::Receiver<oneshot::Sender<()>>,
}

impl AgentSocket {
    /// Hands in a message of the agent. Waits while there is no room.
    pub async fn message(&self, text: String) {
        let _ = self.inbox.send(Input::Message(self.number, text)).await;
    }
}

impl Drop for AgentSocket {
    fn drop(&mut self) {
        let mut all = self.agents.lock();
        if let Some(place) = all.places.get_mut(&self.printer)
            && place.socket.as_ref().is_some_and(|socket| socket.number == self.number)
        {
            place.socket = None;
            place.pictures.set_flow(Flow::NoAgent);
        }
        drop(all);
        let (inbox, number) = (self.inbox.clone(), self.number);
        if let Err(mpsc::error::TrySendError::Full(gone)) = inbox.try_send(Input::Gone(number)) {
            // There is a runtime: whoever holds a socket runs in one.
            tokio::spawn(async move { inbox.send(gone).await });
        }
    }
}

impl Agents {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins with a printer. `agent`: what it told of itself before.
    pub(super) fn open(
        &self,
        printer: PrinterId,
        agent: Agent,
        clock: Arc<dyn Clock>,
        heard: mpsc::Sender<(PrinterId, Heard)>,
    ) {
        let (inbox, inputs) = mpsc::channel(INBOX);
        let pictures = Arc::default();
        let link = AgentLink::new(agent, clock.now());
        let stop = Arc::<Notify>::default();
        let (files, waiting, turned) = (self.files.clone(), BTreeMap::new(), self.lock().turned.clone());
        let (socket, stops) = (None, stop.clone());
        let served = Served { printer, link, clock, socket, stop: stops, heard, files, waiting, turned };
        let task = tokio::spawn(served.run(inputs));
        self.lock().places.insert(
            printer,
            Place { inbox, stop, pictures, wanted: watch::Sender::default(), socket: None, task },
        );
    }

    /// Returns where it is told how cameras of agents are turned; once.
    pub(crate) fn turned(&self) -> Option<mpsc::Receiver<(PrinterId, Turned)>> {
        self.lock().follow_turned.take()
    }

    /// Lets a printer go: its task ends, and its socket.
    pub(super) fn close(&self, printer: PrinterId) {
        self.lock().places.remove(&printer);
    }

    /// Ends the socket of a printer whose token opens nothing any more.
    pub fn let_go(&self, printer: PrinterId) {
        let number = self.lock().places.get(&printer).and_then(|place| Some(place.socket.as_ref()?.number));
        if let Some(number) = number {
            let _ = self.tell(printer, Input::Gone(number));
        }
    }

    /// Returns whether this printer has a task here.
    pub(super) fn has(&self, printer: PrinterId) -> bool {
        self.lock().places.contains_key(&printer)
    }

    /// Gives an order to the task of a printer.
    pub(super) fn order(&self, printer: PrinterId, order: Order) -> Result<(), LinkChange> {
        let kind = order.kind();
        let refused = |reason, why: &str| LinkChange::Refused { order: kind, reason, why: why.into() };
        match self.tell(printer, Input::Order(order)) {
            Ok(()) => Ok(()),
            Err(Untold::Full) => {
                let why = "the agent is busy with earlier orders: wait a moment and try again";
                Err(refused(RefusedReason::QueueFull, why))
            }
            Err(Untold::Nobody) => {
                let why = "nobody serves this printer's agent any more: start the app again";
                Err(refused(RefusedReason::ThreadEnded, why))
            }
        }
    }

    /// Says whether the print of a printer is watched.
    pub(super) fn set_watched(&self, printer: PrinterId, watched: bool) {
        self.want(printer, |wanted| wanted.watched = watched);
        let _ = self.tell(printer, Input::Watched(watched));
    }

    /// Returns how to open the camera that shows what the agent of a printer sends; with an address a further one, of
    /// which the agent is asked for each picture.
    pub(super) fn camera(
        &self,
        camera: CameraId,
        printer: PrinterId,
        url: Option<&str>,
    ) -> Option<Box<dyn OpenSource>> {
        let mut all = self.lock();
        all.cameras.insert(camera, printer);
        let place = all.places.get_mut(&printer)?;
        let pictures = match url {
            None => place.pictures.clone(),
            Some(url) => {
                let pictures = Arc::<Pictures>::default();
                pictures.set_flow(Flow::Open);
                let (shown, wanted) = (Arc::downgrade(&pictures), place.wanted.subscribe());
                let (agents, url) = (self.clone(), url.to_owned());
                let fetch = move || {
                    let (agents, url) = (agents.clone(), url.clone());
                    async move { agents.picture_at(printer, url).await }
                };
                tokio::spawn(further::follow(fetch, shown, wanted));
                pictures
            }
        };
        Some(Box::new(super::agent_pictures::Opener::new(pictures)))
    }

    /// Somebody looks at the pictures of a camera: where an agent sends them, it is asked for fresh ones.
    pub fn looked(&self, camera: CameraId) {
        let printer = self.lock().cameras.get(&camera).copied();
        if let Some(printer) = printer {
            self.want(printer, |wanted| wanted.looked = Some(Instant::now()));
            self.ask_for_pictures(printer);
        }
    }

    fn want(&self, printer: PrinterId, change: impl FnOnce(&mut Wanted)) {
        if let Some(place) = self.lock().places.get(&printer) {
            place.wanted.send_modify(change);
        }
    }

    /// Asks the agent of a printer for fresh pictures.
    pub(crate) fn ask_for_pictures(&self, printer: PrinterId) {
        let _ = self.tell(printer, Input::Looked);
    }

    /// Somebody reads the terminal of a printer.
    pub(crate) fn terminal_read(&self, printer: PrinterId) {
        let _ = self.tell(printer, Input::TerminalRead);
    }

    /// Takes an address by which an agent fetches a file of ours; it works once.
    pub fn fetched(&self, token: &str) -> Option<FetchedFile> {
        self.files.take(token)
    }

    /// Asks the host of a printer something, and waits for its answer.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub async fn ask(&self, printer: PrinterId, ask: Ask) -> Result<Value, String> {
        let (to, answered) = oneshot::channel();
        self.tell(printer, Input::Ask(ask, to)).map_err(|untold| match untold {
            Untold::Full => "the agent is busy with earlier orders: wait a moment and try again".to_owned(),
            Untold::Nobody => "this printer has no agent".to_owned(),
        })?;
        answered.await.unwrap_or_else(|_| Err("the agent did not answer: is it up to date?".into()))
    }

    /// Has the agent of a printer fetch a picture of a further camera; returns the JPEG.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub async fn picture_at(&self, printer: PrinterId, url: String) -> Result<Bytes, String> {
        let told = self.ask(printer, Ask::Picture { url }).await?;
        further::picture(&told).ok_or_else(|| "the printer's host got no picture of this camera".into())
    }

    /// Takes a picture of a printer's camera, a JPEG. Returns whether there is such a printer.
    pub fn picture(&self, printer: PrinterId, jpeg: Bytes) -> bool {
        let pictures = self.lock().places.get(&printer).map(|place| place.pictures.clone());
        let Some(pictures) = pictures else { return false };
        pictures.show(jpeg);
        let _ = self.tell(printer, Input::Picture);
        true
    }

    /// Notes something that the agent of a printer reports.
    pub async fn says(&self, printer: PrinterId, said: AgentEvent) {
        let inbox = self.lock().places.get(&printer).map(|place| place.inbox.clone());
        if let Some(inbox) = inbox {
            let _ = inbox.send(Input::Says(said)).await;
        }
    }

    /// Returns a number for a file at the agent's computer: the same for the same one, as long as the core runs. It is
    /// in no library; agents start no print without a number.
    pub fn file_number(&self, printer: PrinterId, name: &str) -> i64 {
        let mut all = self.lock();
        let known = all.files.iter().position(|(of, file)| *of == printer && file == name);
        let at = known.unwrap_or_else(|| {
            if all.files.len() >= MOST_FILES {
                all.files.clear();
            }
            all.files.push((printer, name.to_owned()));
            all.files.len() - 1
        });
        FIRST_FILE + at as i64
    }

    /// Lets the agent of a printer in by a new socket. While one is open, its other end is asked first whether it is
    /// alive, for `patience` at most: if it is, the new one is refused, and people are told. `us`: our name and port, as
    /// the agent has them.
    pub async fn connect(
        &self,
        printer: PrinterId,
        us: &str,
        patience: Duration,
    ) -> Result<AgentSocket, NotConnected> {
        let open = {
            let all = self.lock();
            let place = all.places.get(&printer).ok_or(NotConnected::NoPrinter)?;
            place.socket.as_ref().map(|socket| socket.probe.clone())
        };
        if let Some(probe) = open
            && is_alive(&probe, patience).await
        {
            let _ = self.tell(printer, Input::SecondMachine);
            return Err(NotConnected::SecondMachine);
        }
        let (to_agent, outgoing) = mpsc::channel(OUTBOX);
        let (probe, probes) = mpsc::channel(1);
        let (number, inbox) = {
            let mut all = self.lock();
            all.next_socket += 1;
            let number = all.next_socket;
            let place = all.places.get_mut(&printer).ok_or(NotConnected::NoPrinter)?;
            place.socket = Some(OpenSocket { number, probe });
            place.pictures.set_flow(Flow::Open);
            (number, place.inbox.clone())
        };
        let socket = AgentSocket { agents: self.clone(), printer, number, inbox, outgoing, probes };
        let told = socket.inbox.send(Input::Connected(Socket { number, to_agent, us: us.to_owned() })).await;
        told.map_err(|_| NotConnected::NoPrinter)?;
        Ok(socket)
    }

    /// Stops a machine at once, as far as its agent can; an alarm says so where it cannot. Returns whether the agent is
    /// there to hear it; `None` when the printer has no agent.
    pub(crate) fn emergency_stop(&self, printer: PrinterId) -> Option<bool> {
        let all = self.lock();
        let place = all.places.get(&printer)?;
        place.stop.notify_one();
        Some(place.socket.is_some() && !place.task.is_finished())
    }

    pub(super) fn tell(&self, printer: PrinterId, input: Input) -> Result<(), Untold> {
        let all = self.lock();
        let place = all.places.get(&printer).ok_or(Untold::Nobody)?;
        place.inbox.try_send(input).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Untold::Full,
            mpsc::error::TrySendError::Closed(_) => Untold::Nobody,
        })
    }
}

pub(super) enum Untold {
    Full,
    Nobody,
}

/// Why an agent is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotConnected {
    /// There is no such printer.
    NoPrinter,
    /// Another machine with the same token is there, and alive.
    SecondMachine,
}

async fn is_alive(probe: &mpsc::Sender<oneshot::Sender<()>>, patience: Duration) -> bool {
    let (answer, answered) = oneshot::channel();
    let asked = async { probe.send(answer).await.is_ok() && answered.await.is_ok() };
    tokio::time::timeout(patience, asked).await.unwrap_or(false)
}
