//! Runs a sequence of steps: pause, resume, cancel, finish, leave. Each line is sent once; only queries again.

use crate::job::Saved;
use crate::link::{Link, Tag};
use crate::recipe::{self, Moves, Step};
use crate::sd_recipe;
use domain::{Heater, Initiator, JobEnd, JobPhase, LinkChange, Millis, Now};
use std::collections::VecDeque;

/// A query that did not bring what is needed is repeated after this.
const ASK_AGAIN_MS: Millis = 1_000;
/// Targets must be read back within this.
const READ_BACK_MS: Millis = 10_000;
/// Further than this from where it was left, the head has been moved.
const MOVED_MM: f64 = 0.2;

/// What a sequence is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    Pause(Initiator),
    Resume(Initiator),
    Cancel(Initiator),
    Finish,
    /// Heaters off, then the thread ends.
    Leave,
}

/// Steps under way.
#[derive(Debug)]
pub(crate) struct Sequence {
    pub(crate) aim: Aim,
    number: u32,
    steps: VecDeque<Step>,
    /// The first step's line is out and not answered.
    waiting: bool,
    /// A query's answer so far.
    told_position: bool,
    told_heaters: bool,
    /// Of the card: it stands still, or it goes on.
    told_card: Option<bool>,
    ask_at: Millis,
    /// Since when an answer is waited for.
    asking_since: Option<Now>,
}

impl Sequence {
    /// Returns whether an answer to queries has been waited for too long.
    pub(crate) fn read_back_late(&self, now: Now) -> bool {
        self.asking_since.is_some_and(|since| now.since(since) > READ_BACK_MS)
    }

    pub(crate) fn position_told(&mut self) {
        self.told_position = true;
    }

    pub(crate) fn card_told(&mut self, stands: bool) {
        self.told_card = Some(stands);
    }

    pub(crate) fn heaters_told(&mut self) {
        self.told_heaters = true;
    }
}

impl Link {
    pub(crate) fn run(&mut self, aim: Aim, steps: Vec<Step>) {
        self.sequences += 1;
        self.sequence = Some(Sequence {
            aim,
            number: self.sequences,
            steps: steps.into(),
            waiting: false,
            told_position: false,
            told_heaters: false,
            told_card: None,
            ask_at: 0,
            asking_since: None,
        });
    }

    /// Returns the line of the step that is due. Steps without a line are done on the way.
    pub(crate) fn next_step(&mut self, now: Now) -> Option<(String, Tag)> {
        loop {
            let sequence = self.sequence.as_mut()?;
            let number = sequence.number;
            if sequence.waiting {
                return None;
            }
            if sequence.asking_since.is_some() && self.answered(now) {
                continue;
            }
            let sequence = self.sequence.as_mut()?;
            let mut moves = Moves::Nothing;
            let line = match sequence.steps.front()?.clone() {
                Step::Line(text, what) => {
                    moves = what;
                    text
                }
                Step::Position | Step::Targets(_) | Step::Hot(..) | Step::CardStands
                    if now.mono_ms < sequence.ask_at =>
                {
                    return None;
                }
                Step::Position => {
                    sequence.told_position = false;
                    sequence.asking_since.get_or_insert(now);
                    "M114".into()
                }
                Step::Targets(_) | Step::Hot(..) => {
                    sequence.told_heaters = false;
                    sequence.asking_since.get_or_insert(now);
                    "M105".into()
                }
                Step::CardStands => {
                    sequence.asking_since.get_or_insert(now);
                    // The first answer only tells where it is.
                    let goes_on = sequence.told_card == Some(false) && self.card.print.has_moved();
                    sequence.told_card = None;
                    if goes_on { "M25".into() } else { "M27".into() }
                }
                Step::Tick(idx) => {
                    sequence.steps.pop_front();
                    if let Some(job) = &mut self.job {
                        job.tick(idx);
                    }
                    continue;
                }
                Step::Plan => {
                    sequence.steps.pop_front();
                    self.plan(now);
                    continue;
                }
                Step::Done => {
                    let aim = sequence.aim;
                    self.sequence = None;
                    self.done(aim, now);
                    continue;
                }
            };
            sequence.waiting = true;
            return Some((line, Tag::Step(number, moves)));
        }
    }

    /// The printer has taken the line of a step.
    pub(crate) fn step_taken(&mut self, number: u32, moves: Moves, now: Now) {
        // Even when the sequence was given up meanwhile, what its line did is done.
        self.note(moves);
        let Some(sequence) = self.sequence.as_mut().filter(|s| s.number == number) else { return };
        sequence.waiting = false;
        if let Some(Step::Line(..)) = sequence.steps.front() {
            sequence.steps.pop_front();
        } else if !self.answered(now)
            && let Some(sequence) = &mut self.sequence
        {
            sequence.ask_at = now.mono_ms + ASK_AGAIN_MS;
        }
    }

    /// Returns whether the query that is the first step needs to be sent no more. Some firmwares say `ok` first and
    /// the answer then.
    fn answered(&mut self, now: Now) -> bool {
        let Some(sequence) = &mut self.sequence else { return true };
        let done = match sequence.steps.front() {
            Some(Step::Position) => sequence.told_position,
            Some(Step::CardStands) => sequence.told_card == Some(true),
            Some(Step::Targets(wanted)) => {
                sequence.told_heaters && wanted.iter().all(|(h, c)| reads_back(&self.known, *h, *c))
            }
            Some(Step::Hot(heater, least)) => {
                let hot = self.known.get(&heater.key()).is_some_and(|t| t.actual >= *least);
                if sequence.told_heaters && !hot {
                    let why = "the hotend did not get hot enough; check it, then resume again";
                    self.give_up_resume(why, now);
                    return true;
                }
                hot && sequence.told_heaters
            }
            Some(Step::Line(..) | Step::Tick(_) | Step::Plan | Step::Done) | None => false,
        };
        if done {
            sequence.asking_since = None;
            sequence.steps.pop_front();
        }
        done
    }

    /// Remembers what a line of a pause or resume did.
    fn note(&mut self, moves: Moves) {
        let Some(saved) = self.job.as_mut().and_then(|job| job.saved.as_mut()) else { return };
        match moves {
            Moves::Nothing => (),
            Moves::Retracted(mm) => saved.retracted_mm = mm,
            Moves::Lifted(mm) => saved.lifted_mm = mm,
            Moves::Unretracted => saved.retracted_mm = 0.0,
            Moves::Lowered => saved.lifted_mm = 0.0,
        }
    }

    /// Lays out the rest of a sequence, now that the printer has told what is needed.
    fn plan(&mut self, now: Now) {
        let Some(aim) = self.sequence.as_ref().map(|s| s.aim) else { return };
        let Some(job) = &mut self.job else { return };
        let rest = match aim {
            Aim::Pause(_) => {
                let told = self.position.unwrap_or_default();
                let place = exact(job.place, told);
                let targets = self.known.clone();
                let fresh = Saved { place, targets, retracted_mm: 0.0, lifted_mm: 0.0 };
                let saved = job.saved.get_or_insert(fresh);
                if job.on_card {
                    sd_recipe::pause_rest(&job.recipe, &self.known)
                } else {
                    recipe::pause_rest(&job.recipe, saved, &self.known, &mut job.steps)
                }
            }
            Aim::Resume(_) => {
                let Some(saved) = &job.saved else { return };
                let left_at = [saved.place.x, saved.place.y, saved.place.z + saved.lifted_mm];
                let told = self.position.unwrap_or_default();
                if left_at.iter().zip(told).any(|(left, is)| (left - is).abs() > MOVED_MM) {
                    let [x, y, z] = left_at.map(recipe::num);
                    let why = format!(
                        "the head was moved while paused, so the print would go on in the wrong place; move it back \
                         to X{x} Y{y} Z{z} at the printer's display if it was not homed, else cancel the print"
                    );
                    return self.give_up_resume(&why, now);
                }
                let place = crate::Place { fan: self.tools.fan.or(saved.place.fan), ..saved.place };
                let saved = Saved { place, ..saved.clone() };
                if job.on_card { sd_recipe::resume_rest(&saved) } else { recipe::resume_rest(&saved) }
            }
            Aim::Cancel(_) => {
                if let Some([x, y, z, e]) = self.position.filter(|_| job.on_card) {
                    (job.place.x, job.place.y, job.place.z, job.place.e) = (x, y, z, e);
                }
                let max_z = self.recipe.map(|r| r.max_z_mm).or(self.max_z).unwrap_or(recipe::LOW_MACHINE_MM);
                recipe::cancel_rest(&job.place, job.extruded, job.saved.as_ref(), &self.known, max_z)
            }
            Aim::Finish | Aim::Leave => return,
        };
        if let Some(sequence) = &mut self.sequence {
            sequence.steps.extend(rest);
        }
    }

    /// Back to paused: what was undone of the pause so far stays remembered.
    pub(crate) fn give_up_resume(&mut self, why: &str, now: Now) {
        self.sequence = None;
        if let Some(job) = &mut self.job {
            job.enter(JobPhase::Paused, now);
            job.steps.clear();
            if job.recipe.hotend_off {
                let off = recipe::heaters_off(&self.known, |h| matches!(h, Heater::Hotend(_)));
                self.side.extend(off.into_iter().map(|(line, _)| (line, Tag::Side)));
            }
        }
        self.changes.push_back(LinkChange::Refused { order: "resume".into(), why: why.into() });
    }

    /// A sequence has reached its end.
    fn done(&mut self, aim: Aim, now: Now) {
        match aim {
            Aim::Pause(initiator) => {
                let Some(job) = &mut self.job else { return };
                job.enter(JobPhase::Paused, now);
                let print = job.start.print;
                self.changes.push_back(LinkChange::Paused(print, initiator));
                if self.on_card() {
                    self.card_paused();
                }
                if self.leaving {
                    self.run(Aim::Leave, recipe::leave(&self.known));
                }
            }
            Aim::Resume(initiator) => {
                let Some(job) = &mut self.job else { return };
                job.saved = None;
                job.enter(if job.extruded { JobPhase::Printing } else { JobPhase::Heating }, now);
                let print = job.start.print;
                self.changes.push_back(LinkChange::Resumed(print, initiator));
            }
            Aim::Cancel(initiator) => self.end_job(JobEnd::Cancelled(initiator)),
            Aim::Finish => self.end_job(JobEnd::Finished),
            Aim::Leave => self.leave_now(),
        }
    }

    /// The core may drop the port.
    pub(crate) fn leave_now(&mut self) {
        let why = "Printvigil was closed: the print was paused and the heaters were switched off".to_owned();
        self.end_job(JobEnd::Interrupted { why });
        self.finished = true;
    }

    pub(crate) fn finish_job(&mut self, now: Now) {
        if let Some(job) = &mut self.job {
            job.enter(JobPhase::Finishing, now);
            self.run(Aim::Finish, recipe::finish());
        }
    }
}

/// Returns the place that the file's commands led to where the printer agrees, else the printer's word: it rounds.
fn exact(mut place: crate::Place, told: [f64; 4]) -> crate::Place {
    let all = [&mut place.x, &mut place.y, &mut place.z, &mut place.e];
    for (ours, told) in all.into_iter().zip(told) {
        if (*ours - told).abs() > 0.02 {
            *ours = told;
        }
    }
    place
}

fn reads_back(known: &domain::Temperatures, heater: Heater, wanted_c: f64) -> bool {
    // A firmware that tells no targets, or has no such heater, cannot be asked more.
    known.get(&heater.key()).and_then(|t| t.target).is_none_or(|c| (c - wanted_c).abs() < 1.0)
}
