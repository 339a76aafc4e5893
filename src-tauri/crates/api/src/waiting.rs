//! Pictures that wait for their next frame: few for each client, and the newest always finds room.
//!
//! Who has to give way is answered "nothing new yet" at once and asks again; so nobody is refused, and nobody can keep
//! others from their pictures.

use crate::auth::Asker;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Waiting pictures of one client: a page asks for each camera with a ticket of its own.
const OF_ONE: usize = 6;
/// Waiting pictures in all.
const OF_ALL: usize = 48;

/// All that wait, oldest first.
#[derive(Default)]
pub(crate) struct Waiting {
    all: Mutex<(u64, VecDeque<Wait>)>,
}

struct Wait {
    id: u64,
    asker: Asker,
    give_way: oneshot::Sender<()>,
}

/// One that waits; no more when dropped.
pub(crate) struct Slot {
    id: u64,
    waiting: Arc<Waiting>,
    pub(crate) give_way: oneshot::Receiver<()>,
}

impl Waiting {
    /// Lets one more wait. The oldest of the same client gives way, or the oldest of the client with the most.
    pub(crate) fn enter(self: &Arc<Self>, asker: &Asker) -> Slot {
        let (give_way, told) = oneshot::channel();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, waits) = &mut *all;
        let of = |waits: &VecDeque<Wait>, asker: &Asker| waits.iter().filter(|w| w.asker == *asker).count();
        if of(waits, asker) >= OF_ONE {
            dismiss(waits, asker);
        } else if waits.len() >= OF_ALL {
            let greedy = waits.iter().map(|wait| &wait.asker).max_by_key(|asker| of(waits, asker)).cloned();
            greedy.iter().for_each(|greedy| dismiss(waits, greedy));
        }
        let id = *next;
        *next += 1;
        waits.push_back(Wait { id, asker: asker.clone(), give_way });
        Slot { id, waiting: self.clone(), give_way: told }
    }
}

fn dismiss(waits: &mut VecDeque<Wait>, asker: &Asker) {
    let oldest = waits.iter().position(|wait| wait.asker == *asker);
    if let Some(wait) = oldest.and_then(|at| waits.remove(at)) {
        // Who has gone already needs no word.
        let _ = wait.give_way.send(());
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut all = self.waiting.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.1.retain(|wait| wait.id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_waits_and_the_oldest_of_the_greediest_gives_way() {
        let waiting = Arc::new(Waiting::default());
        let asker = |name: &str| Asker(name.into());
        let gone = |slot: &mut Slot| slot.give_way.try_recv().is_ok();
        let mut first: Vec<Slot> = (0..OF_ONE + 1).map(|_| waiting.enter(&asker("one"))).collect();
        assert_eq!(
            first.iter_mut().map(gone).collect::<Vec<_>>(),
            [true, false, false, false, false, false, false]
        );
        let mut others: Vec<Slot> =
            (0..OF_ALL - OF_ONE).map(|n| waiting.enter(&asker(&n.to_string()))).collect();
        assert!(!others.iter_mut().any(gone) && !first[1..].iter_mut().any(gone), "just full");
        let mut late = waiting.enter(&asker("late"));
        assert!(gone(&mut first[1]) && !gone(&mut late) && !others.iter_mut().any(gone));
        drop((first, others));
        assert_eq!(waiting.all.lock().unwrap().1.len(), 1, "who is answered waits no more");
    }
}
