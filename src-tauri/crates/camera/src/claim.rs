//! Which devices this process has open, so that a camera that is opened anew waits for the one before to close.
//!
//! A camera is closed without waiting for its driver. Its successor on the same device would find it in use and say so,
//! as if another program held it.

use crate::StopFlag;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A driver that has not let go by then hangs: what it says is told then.
const LET_GO: Duration = Duration::from_secs(3);
const SLICE: Duration = Duration::from_millis(20);

static OPEN: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// One device, held from before it is opened until after it is closed.
pub(crate) struct Claim(String);

impl Claim {
    /// Waits a little for whoever has the device, then claims it in any case.
    pub(crate) fn wait(device: String, stop: &StopFlag) -> Self {
        let mut left = LET_GO;
        while held(&device) && !left.is_zero() && !stop.is_set() {
            std::thread::sleep(SLICE);
            left = left.saturating_sub(SLICE);
        }
        *OPEN.lock().unwrap_or_else(PoisonError::into_inner).entry(device.clone()).or_default() += 1;
        Self(device)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.0) {
            *count = count.saturating_sub(1);
        }
        open.retain(|_, count| *count > 0);
    }
}

fn held(device: &str) -> bool {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).contains_key(device)
}
