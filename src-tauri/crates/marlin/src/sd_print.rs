//! A print that the printer reads from its own card: started, followed by bytes, paused, ended.
//!
//! Nothing is fed, so the printer goes on when the link is gone. What is known of it is what `M27` says. Pausing is
//! `M25`, which may be repeated like a query; no move is sent to a print whose modes nobody knows.

use crate::job::{Job, JobFacts};
use crate::link::{Link, Tag};
use crate::recipe::{self, Step};
use crate::sd_recipe::{line, names_agree, pause_ticks, tick};
use crate::sequence::Aim;
use domain::{Initiator, JobEnd, JobPhase, LinkChange, Millis, Now, PauseRecipe, StartJob, check_sd_path};

/// How far it is is asked for as often.
const ASK_MS: Millis = 3_000;
/// A print found by chance is looked for as long after a file was opened at the display.
const LOOK_MS: Millis = 60_000;
/// As many answers in a row that it does not print, then it does not.
const SURE: u32 = 2;

/// What the printer has told of the print from its card.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// The last byte told, and the size.
    pub(crate) byte: Option<(u64, u64)>,
    /// Answers in a row that it does not print.
    stands: u32,
    asked_at: Option<Now>,
    /// A file was opened: its name, and when.
    opened: Option<(String, Option<u64>, Now)>,
    /// Opening failed.
    failed: bool,
    /// The hub was told of a print that nobody here started.
    pub(crate) found: bool,
    /// The byte where it was paused.
    paused_at: Option<u64>,
    /// The last answer was further than the one before.
    moved: bool,
    /// The link was lost meanwhile: what it does is not known until it is told.
    pub(crate) unsure: bool,
}

impl Told {
    /// Returns whether the card was read on between the last two answers.
    pub(crate) fn has_moved(&self) -> bool {
        self.moved
    }

    /// How far it is is asked for at once.
    pub(crate) fn ask_soon(&mut self) {
        self.asked_at = Some(Now::at(0));
    }
}

impl Link {
    /// Returns whether the printer prints from its card, so that it goes on without us.
    pub fn prints_alone(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.on_card && job.started)
    }

    pub(crate) fn on_card(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.on_card)
    }

    pub(crate) fn start_from_card(&mut self, start: StartJob) {
        if !self.is_up() {
            return self.refuse("start", "the printer is not connected: connect it first");
        }
        if self.job.is_some() || self.card.print.found {
            return self.refuse("start", "a print is under way: wait for its end or cancel it");
        }
        let path = start.path.to_string_lossy().into_owned();
        if let Err(why) = check_sd_path(&path) {
            return self.refuse("start", &why);
        }
        if !self.sd_ready {
            self.side.push_back(("M21".into(), Tag::Side));
        }
        self.side.push_back((format!("M23 {path}"), Tag::CardOpen));
        self.card.print = Told::default();
        self.new_card_job(start);
    }

    fn new_card_job(&mut self, start: StartJob) {
        self.last_said.clear();
        let mut job = Job::new(start, self.recipe_of_job());
        (job.on_card, job.facts) = (true, Some(JobFacts::default()));
        self.job = Some(job);
    }

    /// `M23` was answered: the print begins, or it is said why not.
    pub(crate) fn card_open_answered(&mut self) {
        let told = &self.card.print;
        let Some(job) = self.job.as_mut().filter(|job| job.on_card && !job.started) else { return };
        if job.phase == JobPhase::Cancelling {
            return;
        }
        let path = job.start.path.to_string_lossy().into_owned();
        let why = match &told.opened {
            _ if told.failed => {
                "the printer cannot open this file: read its card again, and look whether the card is in"
            }
            Some((name, ..)) if !names_agree(name, &path, &job.start.name) => {
                "the printer opened another file than the one asked for: start it at the printer's display"
            }
            Some((_, bytes, _)) => {
                job.facts = Some(JobFacts { bytes: bytes.unwrap_or(0), ..JobFacts::default() });
                return self.side.push_back(("M24".into(), Tag::CardBegin));
            }
            None => {
                "the printer did not say that it opened the file: read its card again, then start it once more"
            }
        };
        self.refuse_start(why.to_owned());
    }

    /// `M24` was answered: it prints.
    pub(crate) fn card_begun(&mut self, now: Now) {
        let Some(job) = self.job.as_mut().filter(|job| job.on_card && !job.started) else { return };
        job.begin(now);
        let print = job.start.print;
        (self.card.print.byte, self.card.print.stands) = (None, 0);
        self.card.print.asked_at = Some(now);
        self.changes.push_back(LinkChange::Started(print));
        if self.can("AUTOREPORT_SD_STATUS") {
            self.side.push_back(("M27 S3".into(), Tag::Side));
        }
    }

    /// The hub has given a number to the print that was found.
    pub(crate) fn follow_card(&mut self, start: StartJob, now: Now) {
        let Some((at, of)) = self.card.print.byte.filter(|_| self.card.print.found && self.job.is_none())
        else {
            return self.refuse("start", "the print from the card has ended meanwhile");
        };
        self.new_card_job(start);
        self.card_begun(now);
        if let Some(job) = &mut self.job {
            job.facts = Some(JobFacts { bytes: of, ..JobFacts::default() });
            job.filepos = at;
        }
        self.card.print.byte = Some((at, of));
    }

    /// Returns whether `M27` is due.
    pub(crate) fn card_is_due(&mut self, now: Now) -> bool {
        let Some(age) = self.card.print.asked_at.map(|at| now.since(at)) else {
            self.card.print.asked_at = Some(now);
            return false;
        };
        let heats = self.known.values().any(|t| t.target.is_some_and(|c| c > 0.0));
        let opened = self.card.print.opened.as_ref().is_some_and(|(.., at)| now.since(*at) < LOOK_MS);
        let wanted = match &self.job {
            Some(job) => job.on_card && job.started && self.sequence.is_none(),
            None => self.card.known && (heats || opened || self.card.print.found),
        };
        let due = wanted && age >= ASK_MS;
        if due {
            self.card.print.asked_at = Some(now);
        }
        due
    }

    /// `SD printing byte`: it prints, or stands still in a file.
    pub(crate) fn card_byte(&mut self, at: u64, of: u64, now: Now) {
        self.sd_ready = true;
        if !self.is_greeted() {
            return;
        }
        self.at_work = None;
        let told = &mut self.card.print;
        let before = told.byte.replace((at, of)).map(|(byte, _)| byte);
        let moved = before.is_some_and(|before| at > before);
        told.moved = moved;
        told.asked_at = Some(now);
        told.stands = 0;
        told.unsure = false;
        if let Some(sequence) = &mut self.sequence {
            sequence.card_told(before == Some(at));
        }
        let hot = self
            .known
            .get("tool0")
            .is_some_and(|t| t.target.is_some_and(|c| c > 0.0) && t.actual >= t.target.unwrap_or(0.0) - 5.0);
        let Some(job) = self.job.as_mut() else {
            let heats = self.known.values().any(|t| t.target.is_some_and(|c| c > 0.0));
            if at > 0 && at < of && (moved || heats) {
                self.card_print_found();
            }
            return;
        };
        if !job.on_card {
            return;
        }
        if let Some(facts) = &mut job.facts {
            facts.bytes = of;
        }
        job.filepos = at;
        match job.phase {
            JobPhase::Heating if hot || (moved && !self.known.contains_key("tool0")) => {
                job.extruded = true;
                job.enter(JobPhase::Printing, now);
            }
            JobPhase::Paused
                if !job.paused_by_firmware && self.card.print.paused_at.is_some_and(|was| at > was) =>
            {
                self.card_goes_on(Initiator::Printer, now);
            }
            JobPhase::Heating
            | JobPhase::Printing
            | JobPhase::Pausing
            | JobPhase::Paused
            | JobPhase::Resuming
            | JobPhase::Cancelling
            | JobPhase::Finishing => (),
        }
    }

    fn card_goes_on(&mut self, by: Initiator, now: Now) {
        let Some(job) = &mut self.job else { return };
        job.saved = None;
        job.steps.clear();
        job.enter(JobPhase::Printing, now);
        let print = job.start.print;
        self.card.print.paused_at = None;
        self.tools.told.pause_text.clear();
        self.changes.push_back(LinkChange::Resumed(print, by));
    }

    fn card_print_found(&mut self) {
        if std::mem::replace(&mut self.card.print.found, true) {
            return;
        }
        let path = self.card.print.opened.as_ref().map(|(name, ..)| name.clone()).unwrap_or_default();
        let name = self.card_name(&path).unwrap_or_else(|| path.clone());
        let name = if name.is_empty() { "A print from the printer's card".into() } else { name };
        self.changes.push_back(LinkChange::CardPrint { name, path });
    }

    /// `Not SD printing`.
    pub(crate) fn card_stands(&mut self, now: Now) {
        let told = &mut self.card.print;
        told.stands += 1;
        told.asked_at = Some(now);
        let sure = told.stands >= SURE;
        let at_end = told.byte.is_some_and(|(at, of)| of > 0 && at >= of.saturating_sub(of / 200));
        if let Some(sequence) = &mut self.sequence {
            return sequence.card_told(true);
        }
        let Some(job) = self.job.as_ref().filter(|job| job.on_card && job.started) else {
            (told.found, told.byte) = (false, None);
            return;
        };
        let runs = matches!(job.phase, JobPhase::Heating | JobPhase::Printing);
        if told.unsure && sure {
            told.unsure = false;
            let why = "the link to the printer was lost, and when it was found again the printer did not print from \
                       its card any more: it ended, was stopped, or the printer restarted. Look at the part";
            return self.end_job(JobEnd::Interrupted { why: why.into() });
        }
        if !runs || !sure {
            return;
        }
        if at_end {
            return self.finish_job(now);
        }
        // Which of the two cannot be told apart.
        let text = "The printer reads no further from its card: it was paused or cancelled at the printer itself. \
                    Resume goes on if it was paused; cancel ends it here and switches the heaters off.";
        self.tools.told.pause_text = text.into();
        self.card.print.paused_at = self.card.print.byte.map(|(at, _)| at);
        let Some(job) = &mut self.job else { return };
        job.enter(JobPhase::Paused, now);
        let print = job.start.print;
        self.changes.push_back(LinkChange::Paused(print, Initiator::Printer));
    }

    /// `File opened:`, asked for or not.
    pub(crate) fn card_opened(&mut self, name: String, bytes: Option<u64>, now: Now) {
        self.sd_ready = true;
        self.card.print.failed = false;
        self.card.print.opened = Some((name, bytes, now));
    }

    pub(crate) fn card_not_opened(&mut self) {
        self.card.print.failed = true;
    }

    /// `Done printing file`: the last moves still run.
    pub(crate) fn card_done(&mut self, now: Now) {
        self.card.print.opened = None;
        self.card.print.found = false;
        let runs = self.job.as_ref().is_some_and(|job| {
            job.on_card && job.started && matches!(job.phase, JobPhase::Heating | JobPhase::Printing)
        });
        if runs {
            if let Some(job) = &mut self.job {
                job.filepos = job.facts.map_or(job.filepos, |facts| facts.bytes);
            }
            self.finish_job(now);
        }
    }

    pub(crate) fn pause_card(&mut self, recipe: PauseRecipe, initiator: Initiator, now: Now) {
        let Some(job) = &mut self.job else { return };
        job.recipe = recipe;
        job.unconfirmed_told = false;
        job.steps = pause_ticks(&recipe);
        job.enter(JobPhase::Pausing, now);
        self.card.print.byte = None;
        let steps = vec![
            line("M25"),
            Step::CardStands,
            Step::Tick(0),
            line("M400"),
            Step::Tick(1),
            Step::Position,
            Step::Targets(Vec::new()),
            Step::Plan,
        ];
        self.run(Aim::Pause(initiator), steps);
    }

    /// The pause of a print from the card is confirmed, or was given up.
    pub(crate) fn card_paused(&mut self) {
        self.card.print.paused_at = self.card.print.byte.map(|(at, _)| at);
        self.card.print.stands = 0;
    }

    pub(crate) fn resume_card(&mut self, initiator: Initiator, now: Now) {
        let Some(job) = &mut self.job else { return };
        job.steps = vec![
            tick("Head is where it was left", "no axis has moved"),
            tick("Heaters hot", "as they were"),
            tick("Card read on", "M24"),
        ];
        let saved = job.saved.is_some();
        job.enter(JobPhase::Resuming, now);
        let steps = if saved {
            recipe::resume_begins()
        } else {
            // Paused at the printer itself: only it knows what is to be restored.
            vec![Step::Tick(1), line("M24"), Step::Tick(2), Step::Done]
        };
        self.run(Aim::Resume(initiator), steps);
    }

    /// The print from the card is to end. Where the firmware knows how, it ends it itself.
    pub(crate) fn cancel_card(&mut self) -> Vec<Step> {
        let name = self.firmware.as_ref().map(|f| f.name.as_str()).unwrap_or_default();
        let knows = name.contains(" 2.") || name.contains("bugfix-2");
        self.card.print.byte = None;
        // Two words for it: the one that the firmware knows comes first, the other is repeated if need be.
        let first = if knows { ["M524", "M25"] } else { ["M25", "M524"] };
        let mut steps = vec![line(first[0]), Step::CardStands];
        if !knows {
            steps.push(line(first[1]));
        }
        steps.extend([line("M400"), Step::Position, Step::Targets(Vec::new()), Step::Plan]);
        steps
    }

    /// The link is gone, but the printer may go on. Returns what is said of it.
    pub(crate) fn lost_sight(&mut self, why: &str) -> String {
        self.sequence = None;
        self.card.print.unsure = true;
        (self.card.print.stands, self.card.print.paused_at) = (0, None);
        let phase = self.job.as_ref().map(|job| job.phase);
        if let (
            Some(job),
            Some(JobPhase::Pausing | JobPhase::Resuming | JobPhase::Cancelling | JobPhase::Finishing),
        ) = (&mut self.job, phase)
        {
            // What was begun is not known to be done: the print counts as running until the printer tells.
            job.steps.clear();
            job.phase = if job.extruded { JobPhase::Printing } else { JobPhase::Heating };
        }
        format!(
            "{why}. The printer may still be printing from its card; it is neither watched nor controlled from here. \
             Connecting again may restart it and so end the print"
        )
    }
}
