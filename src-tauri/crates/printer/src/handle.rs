//! The thread from outside: spawn, order, stop, join.

use crate::OpenPort;
use crate::thread::Worker;
use domain::{Clock, LinkChange, Order, PrinterId, PrinterReport, Traffic};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// Orders that may wait; a person cannot be that fast.
const INBOX: usize = 16;

/// What a printer's thread tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Its whole state; the newest replaces older ones. At most about five a second.
    Report(Box<PrinterReport>),
    /// A change; none is lost.
    Change(LinkChange),
    /// Lines on the wire, oldest first, about twenty times a second; dropped when nobody keeps up.
    Traffic(Vec<Traffic>),
}

/// The order was not taken: too many are waiting, or the thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the printer is busy with earlier orders: wait a moment and try again")]
pub struct Busy;

/// Why the thread could not start.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no thread for the printer: {0}")]
pub struct SpawnError(#[from] std::io::Error);

/// The emergency latch of one printer.
#[derive(Debug, Clone)]
pub struct EmergencyLatch(Arc<AtomicBool>);

impl EmergencyLatch {
    /// Sets the latch. `M112` leaves within 100 ms, whatever is queued.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// One printer's thread. Dropping it stops the thread as `Stop(Leave::HeatersOff)` does, without waiting.
#[derive(Debug)]
pub struct PrinterHandle {
    orders: Option<SyncSender<Order>>,
    emergency: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl PrinterHandle {
    /// Queues an order.
    ///
    /// # Errors
    /// When 16 wait already, or the thread has ended.
    pub fn order(&self, order: Order) -> Result<(), Busy> {
        let Some(orders) = &self.orders else { return Err(Busy) };
        orders.try_send(order).map_err(|e| match e {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => Busy,
        })
    }

    /// Sets the emergency latch. `M112` leaves within 100 ms, whatever is queued.
    pub fn emergency_stop(&self) {
        self.emergency.store(true, Ordering::SeqCst);
    }

    /// Returns the latch alone, for those who may stop the printer and nothing else.
    pub fn latch(&self) -> EmergencyLatch {
        EmergencyLatch(Arc::clone(&self.emergency))
    }

    /// Takes no more orders and waits for the thread. Returns whether it ended within `deadline` of real time.
    ///
    /// Order `Stop` first; without it the thread does as if told `Stop(Leave::HeatersOff)`.
    pub fn join(mut self, deadline: Duration) -> bool {
        self.orders = None;
        let step = Duration::from_millis(5);
        let mut left = deadline;
        while !self.thread.is_finished() {
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(step.min(left));
            left = left.saturating_sub(step);
        }
        self.thread.join().is_ok()
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
    let emergency = Arc::new(AtomicBool::new(false));
    let latch = Arc::clone(&emergency);
    let thread = std::thread::Builder::new()
        .name(format!("printer-{id}"))
        .spawn(move || Worker::new(id, opener, clock, latch, inbox, heard).run())?;
    Ok(PrinterHandle { orders: Some(orders), emergency, thread })
}
