//! What others ask of the loop: all of it in one list, and the handle that they ask through.

use crate::error::StationError;
use crate::live::{TemperatureSample, TerminalPage};
use domain::{
    AlertSound, Answer, Camera, CameraId, Event, IgnoreArea, Leave, PrintId, Printer, PrinterId, Refusal,
    Request,
};
use hub::KeptOfPrinter;
use tokio::sync::{mpsc, oneshot};

/// What is asked of the loop; each is answered through its channel.
pub(crate) enum Command {
    Ask(Request, oneshot::Sender<Answer>),
    ReservePrints(i64, oneshot::Sender<PrintId>),
    PrinterAdded(Box<Printer>, Box<KeptOfPrinter>, oneshot::Sender<()>),
    RemovalBegun(PrinterId, oneshot::Sender<Result<(), Refusal>>),
    RemovalOver(PrinterId, Removal, oneshot::Sender<()>),
    CameraPut(Box<Camera>, oneshot::Sender<()>),
    CameraRemoved(CameraId, oneshot::Sender<()>),
    ViewCamera(CameraId, oneshot::Sender<()>),
    Film(PrintId, oneshot::Sender<Result<(), String>>),
    ForgetScale(CameraId, oneshot::Sender<()>),
    Ignore(CameraId, Vec<IgnoreArea>, oneshot::Sender<()>),
    FirstRun(bool, oneshot::Sender<()>),
    IdleHeat(u32, oneshot::Sender<()>),
    AlertSound(AlertSound, oneshot::Sender<()>),
    DetectionHours(f64, oneshot::Sender<()>),
    Terminal(PrinterId, u64, usize, oneshot::Sender<TerminalPage>),
    Temperatures(PrinterId, oneshot::Sender<Vec<TemperatureSample>>),
    Inject(Box<Event>),
    Shutdown(Leave, oneshot::Sender<()>),
}

/// What became of the removal of a printer in the database.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Removal {
    /// It is stored as gone.
    Stored,
    /// It stays.
    Failed,
}

/// Asks the loop. Cheap to clone.
#[derive(Clone)]
pub(crate) struct CoreHandle(mpsc::Sender<Command>);

impl CoreHandle {
    /// Returns the handle, and where the loop takes what is asked; so many may wait.
    pub(crate) fn new(most: usize) -> (Self, mpsc::Receiver<Command>) {
        let (commands, inbox) = mpsc::channel(most);
        (Self(commands), inbox)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// When the core is ending.
    pub(crate) async fn call<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, StationError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(make(reply)).await.map_err(|_| StationError::Ending)?;
        answer.await.map_err(|_| StationError::Ending)
    }

    /// Asks the hub, and waits for its answer.
    ///
    /// # Errors
    /// [`StationError::Refused`] with what to do, or [`StationError::Ending`].
    pub(crate) async fn ask(&self, request: Request) -> Result<Option<PrintId>, StationError> {
        let answer = self.call(|reply| Command::Ask(request, reply)).await?;
        answer.map_err(StationError::Refused)
    }

    /// Puts an event in, as if a part had sent it.
    ///
    /// # Errors
    /// When the core is ending.
    pub(crate) async fn inject(&self, event: Event) -> Result<(), StationError> {
        self.0.send(Command::Inject(Box::new(event))).await.map_err(|_| StationError::Ending)
    }
}
