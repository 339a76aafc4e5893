//! What another setting would have done: past prints are replayed on a thread of its own, with its progress told.

use super::replay::Setting;
use super::tally::{count, line, weight, words};
use super::watched::WatchedPrints;
use crate::error::StationError;
use domain::{Clock, MOST_IGNORE_AREAS, WhatIf, WhatIfAsk};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::look_file;
use verdict::Tuning;

/// Replays remembered; the oldest is stopped and forgotten.
const MOST: usize = 4;
/// A short replay is answered at once.
const SHORT: Duration = Duration::from_millis(300);
/// Prints listed at most.
const LISTED: usize = 200;

/// The replays under way and the last ones.
#[derive(Default)]
pub(super) struct WhatIfs {
    last_id: AtomicU32,
    jobs: Mutex<VecDeque<Arc<Job>>>,
}

struct Job {
    id: u32,
    state: Mutex<WhatIf>,
    told: Condvar,
    stop: AtomicBool,
}

impl Job {
    fn state(&self) -> MutexGuard<'_, WhatIf> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WhatIfs {
    fn jobs(&self) -> MutexGuard<'_, VecDeque<Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, prints: usize) -> Arc<Job> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let total = prints as u32;
        let state = WhatIf {
            id,
            done: 0,
            total,
            finished: false,
            looks: 0,
            millis: 0,
            now: Default::default(),
            then: Default::default(),
            prints: Vec::new(),
            text: String::new(),
        };
        let (state, told, stop) = (Mutex::new(state), Condvar::new(), AtomicBool::new(false));
        let job = Arc::new(Job { id, state, told, stop });
        let mut jobs = self.jobs();
        jobs.push_back(job.clone());
        while jobs.len() > MOST {
            if let Some(oldest) = jobs.pop_front() {
                oldest.stop.store(true, Ordering::Relaxed);
            }
        }
        job
    }

    /// Begins to try a setting on past prints; waits 300 ms for it at most. Blocks.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn start(
        &self,
        past: WatchedPrints,
        ask: &WhatIfAsk,
        clock: Arc<dyn Clock>,
    ) -> Result<WhatIf, StationError> {
        let tuning = Tuning { sensitivity: ask.sensitivity, threshold: ask.threshold };
        let then = match &ask.ignore {
            Some(areas) => Setting::new(ask.rule, tuning, Some(areas.clone())),
            None => Setting::today(ask.rule, tuning, &past.ignored),
        };
        let job = self.begin(past.prints.len());
        let worker = job.clone();
        std::thread::Builder::new()
            .name("what-if".into())
            .spawn(move || run(&worker, &past, then, &*clock))
            .map_err(StationError::Thread)?;
        let waiting = job.told.wait_timeout_while(job.state(), SHORT, |state| !state.finished);
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        Ok(state.clone())
    }

    /// Returns how far a replay is; `None` when it is not known any more.
    pub(super) fn state(&self, id: u32) -> Option<WhatIf> {
        let job = self.jobs().iter().find(|job| job.id == id).cloned()?;
        let state = job.state().clone();
        Some(state)
    }

    /// Stops and forgets a replay. Returns whether there was one.
    pub(super) fn drop_one(&self, id: u32) -> bool {
        let mut jobs = self.jobs();
        let job = jobs.iter().position(|job| job.id == id).and_then(|at| jobs.remove(at));
        job.inspect(|job| job.stop.store(true, Ordering::Relaxed)).is_some()
    }
}

/// Refuses a setting out of its range.
pub(super) fn check(ask: &WhatIfAsk) -> Result<(), StationError> {
    let refuse = |message: String| Err(StationError::refused("out_of_range", message, ""));
    if !(0.8..=1.2).contains(&ask.sensitivity) || !(0.5..=2.0).contains(&ask.threshold) {
        return refuse("the sensitivity is 0.8 to 1.2, the factor on the thresholds 0.5 to 2".into());
    }
    let areas = ask.ignore.as_deref().unwrap_or_default();
    if areas.len() > MOST_IGNORE_AREAS {
        return refuse(format!("a camera has {MOST_IGNORE_AREAS} ignored areas at most"));
    }
    areas.iter().try_for_each(|area| area.check()).or_else(refuse)
}

fn run(job: &Job, past: &WatchedPrints, mut then: Setting, clock: &dyn Clock) {
    let began = clock.now().mono_ms;
    let printer = &past.printer;
    let as_set = Tuning { sensitivity: printer.detective_sensitivity, threshold: printer.watch.threshold };
    let mut today = Setting::today(printer.watch.rule, as_set, &past.ignored);
    for (print, folder) in &past.prints {
        let replayed = look_file::read_scores(folder).and_then(|scores| {
            let scale = || past.scale(print.id);
            let now = today.replay(folder, &scores, scale, &job.stop)?;
            Ok((scores.len(), line(print, now, then.replay(folder, &scores, scale, &job.stop)?)))
        });
        if job.stop.load(Ordering::Relaxed) {
            return;
        }
        let mut state = job.state();
        state.done += 1;
        state.millis = clock.now().mono_ms.saturating_sub(began);
        match replayed {
            Ok((looks, line)) => {
                state.looks += looks as u64;
                count(&mut state.now, line.truth, line.alert_now);
                count(&mut state.then, line.truth, line.alert_then);
                state.prints.push(line);
            }
            Err(error) => tracing::warn!(print = %print.id, %error, "the looks of a print cannot be read"),
        }
    }
    let mut state = job.state();
    // Newest first among those of one weight.
    state.prints.reverse();
    state.prints.sort_by_key(weight);
    state.text = words(state.now, state.then, state.prints.len() as u32);
    state.text.push_str(&past.unjudged_words());
    state.prints.truncate(LISTED);
    state.finished = true;
    job.told.notify_all();
}
