//! The loop itself: one round after the other, each about one thing that came in.

use super::answer::answer;
use super::state::Core;
use crate::clock::{SleepWatch, StandstillWatch};
use crate::command::Command;
use domain::{Event, PrinterId};
use printer::Heard;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::MissedTickBehavior;

/// How often the hub hears that time passes. Short, so that the demo's fast clock ticks often enough, too.
const TICK: Duration = Duration::from_millis(250);

/// Where what comes in waits.
pub(crate) struct Inboxes {
    /// From the ports' threads.
    pub(crate) heard: Receiver<(PrinterId, Heard)>,
    /// From the doors.
    pub(crate) commands: Receiver<Command>,
    /// From all others.
    pub(crate) events: Receiver<Event>,
}

/// What a round of the loop is about.
enum Round {
    Heard(PrinterId, Heard),
    Asked(Command),
    Happened(Event),
    Tick,
}

/// Runs until it is told to end, or too much has failed.
pub(crate) async fn run(mut core: Core, mut inboxes: Inboxes) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut sleep = SleepWatch::default();
    let mut standstill = StandstillWatch::begin(core.real_now().0.mono_ms);
    loop {
        let Inboxes { heard, commands, events } = &mut inboxes;
        let round = tokio::select! {
            biased;
            Some((printer, heard)) = heard.recv() => Round::Heard(printer, heard),
            Some(ask) = commands.recv() => Round::Asked(ask),
            Some(event) = events.recv() => Round::Happened(event),
            _ = tick.tick() => Round::Tick,
        };
        if let Some(gap_ms) = standstill.round(core.real_now().0.mono_ms) {
            core.guarded(None, |core| core.happen(Event::StoodStill { gap_ms }));
        }
        match round {
            Round::Heard(printer, heard) => core.guarded(Some(printer), |core| core.hear(printer, heard)),
            Round::Asked(Command::Shutdown(leave, done)) => {
                // Whoever still tells something must not wait for a loop that has ended.
                drop(inboxes);
                core.end(leave).await;
                let _ = done.send(());
                return;
            }
            Round::Asked(ask) => core.guarded(None, |core| answer(core, ask)),
            Round::Happened(event) => core.guarded(None, |core| core.happen(event)),
            Round::Tick => {
                if let Some(gap_ms) = sleep.check(core.real_now().1) {
                    core.guarded(None, |core| core.happen(Event::Slept { gap_ms }));
                }
                core.tick();
            }
        }
        if core.failed_too_often() {
            drop(inboxes);
            return core.fall().await;
        }
    }
}
