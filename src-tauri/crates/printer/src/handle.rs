//! The thread from outside: spawn, order, stop, join.

use crate::OpenPort;
use crate::heard::Heard;
use crate::stop::{Alive, EmergencyLatch, StopError, StopLine};
use crate::supervise::Supervisor;
use crate::thread::Worker;
use domain::{Clock, Leave, Order, PrinterId, RefusedReason};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// Orders that may wait; a person cannot be that fast.
const INBOX: usize = 16;

/// Why an order was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Too many are waiting.
    #[error("the printer is busy with earlier orders: wait a moment and try again")]
    QueueFull,
    /// The thread has ended.
    #[error(
        "nobody serves the printer's port any more, so nothing was sent: look at the printer, switch it off if it is \
         hot or moves, then start the app again"
    )]
    ThreadEnded,
}

impl NotTaken {
    /// Returns the reason by which others decide.
    pub fn reason(self) -> RefusedReason {
        match self {
            Self::QueueFull => RefusedReason::QueueFull,
            Self::ThreadEnded => RefusedReason::ThreadEnded,
        }
    }
}

/// Why the thread could not start.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no thread for the printer: {0}")]
pub struct SpawnError(#[from] std::io::Error);

/// One printer's thread. Dropping it stops the thread as `Stop(Leave::HeatersOff)` does, without waiting.
#[derive(Debug)]
pub struct PrinterHandle {
    orders: Orders,
    stop: Arc<StopLine>,
    /// The thread was told to leave the printer as it is.
    as_it_is: AtomicBool,
    thread: JoinHandle<()>,
}

impl PrinterHandle {
    /// Queues an order.
    ///
    /// # Errors
    /// When 16 wait already, or the thread has ended.
    pub fn order(&self, order: Order) -> Result<(), NotTaken> {
        let Some(orders) = &self.orders.inbox else { return Err(NotTaken::ThreadEnded) };
        if let Order::Stop(leave) = &order {
            self.as_it_is.store(*leave == Leave::AsItIs, Ordering::SeqCst);
        }
        let taken = orders.try_send(order).map_err(|e| match e {
            TrySendError::Full(_) => NotTaken::QueueFull,
            TrySendError::Disconnected(_) => NotTaken::ThreadEnded,
        });
        self.stop.bell().ring();
        taken
    }

    /// Returns whether the thread lives.
    pub fn is_alive(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Sets the emergency latch, as [`EmergencyLatch::set`] does.
    ///
    /// # Errors
    /// As there.
    pub fn emergency_stop(&self) -> Result<(), StopError> {
        self.latch().set()
    }

    /// Returns the latch alone, for those who may stop the printer and nothing else.
    pub fn latch(&self) -> EmergencyLatch {
        EmergencyLatch(Arc::clone(&self.stop))
    }

    /// Takes no more orders and waits for the thread. Returns whether it ended within `deadline` of real time.
    ///
    /// Order `Stop` first; without it the thread does as if told `Stop(Leave::HeatersOff)`. A thread that hangs is passed
    /// by: the heaters are switched off through the port's second handle, unless the printer is to be left as it is.
    pub fn join(mut self, deadline: Duration) -> bool {
        self.orders.close();
        let step = Duration::from_millis(5);
        let mut left = deadline;
        while !self.thread.is_finished() {
            if left.is_zero() {
                if !self.as_it_is.load(Ordering::SeqCst) {
                    self.stop.heaters_off_past();
                }
                return false;
            }
            std::thread::sleep(step.min(left));
            left = left.saturating_sub(step);
        }
        self.thread.join().is_ok()
    }
}

/// The way to the thread's inbox. When it is closed or dropped, the thread is woken to see that.
#[derive(Debug)]
struct Orders {
    inbox: Option<SyncSender<Order>>,
    stop: Arc<StopLine>,
}

impl Orders {
    fn close(&mut self) {
        self.inbox = None;
        self.stop.bell().ring();
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        self.close();
    }
}

/// Starts the thread that owns the printer's port. It opens the port at once and keeps looking for it.
///
/// # Errors
/// When the system gives no thread.
pub fn spawn(
    id: PrinterId,
    opener: Box<dyn OpenPort>,
    clock: Arc<dyn Clock>,
    heard: Sender<(PrinterId, Heard)>,
) -> Result<PrinterHandle, SpawnError> {
    let (orders, inbox) = sync_channel(INBOX);
    let stop = StopLine::new(id, &heard);
    let line = Arc::clone(&stop);
    let work = move || {
        let _alive = Alive(Arc::clone(&line));
        Supervisor::new(Worker::new(id, opener, clock, line, inbox, heard)).run();
    };
    let thread = std::thread::Builder::new().name(format!("printer-{id}")).spawn(work)?;
    let orders = Orders { inbox: Some(orders), stop: Arc::clone(&stop) };
    Ok(PrinterHandle { orders, stop, as_it_is: AtomicBool::new(false), thread })
}
