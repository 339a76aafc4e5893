//! The minute around an alert: what is known is noted as it happens; half a minute after the alert the pictures are
//! taken from the camera's ring and handed to the thread that makes the clip.
//!
//! Times are those of the frames, which are of the camera's clock: on the demo a clip covers 90 demo seconds. The
//! ring reaches three minutes back within 64 MiB; a camera with many large pictures is held ever more sparsely the
//! older they are, two a second and more within the last minute and a half. A clip has five a second at most.

use super::evidence_clip::{Clips, Job};
use camera::{Frame, Frames};
use domain::{FrameId, FrameInfo, Look, Millis, PrintId, PrinterId, PrinterView, View};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use timelapse::Scene;
use timelapse::draw::Rect;

/// So much before the alert is shown, milliseconds of the frames' clock.
const BEFORE_MS: Millis = 60_000;
/// And so much after it.
const AFTER_MS: Millis = 30_000;
/// Longest wait for the half minute after, real milliseconds: a camera may be gone.
const PATIENCE_MS: Millis = 45_000;
/// Pictures a second at most.
const STEP_MS: Millis = 200;
/// Bytes of pictures in a clip that waits; every other picture goes until they fit.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// A look says something about the pictures of so long after it: until the next of its kind of view.
const LOOK_HOLDS_MS: Millis = 2_500;
/// Temperatures, layer and line hold so long.
const FACTS_HOLD_MS: Millis = 10_000;
/// Between two notes of temperatures, layer and line.
const FACTS_EVERY_MS: Millis = 1_000;
/// Looks and notes remembered of a printer: those of the last two minutes are wanted.
const REMEMBERED: usize = 300;

/// What one look saw.
#[derive(Debug, Clone)]
struct Seen {
    taken_ms: Millis,
    whole: bool,
    sure: f32,
    boxes: Vec<Rect>,
}

/// What the printer said at a moment.
#[derive(Debug, Clone)]
struct Facts {
    at_ms: Millis,
    lines: Vec<String>,
}

/// What is remembered of a printer.
#[derive(Debug, Default)]
pub(crate) struct Known {
    looks: VecDeque<Seen>,
    facts: VecDeque<Facts>,
}

/// An alert whose half minute after is passing.
struct Waiting {
    printer: PrinterId,
    print: PrintId,
    alert: FrameInfo,
    frames: Frames,
    since_real_ms: Millis,
}

/// Collects clips of alerts; belongs to the loop and never waits.
pub(crate) struct Evidence {
    known: BTreeMap<PrinterId, Known>,
    waiting: Vec<Waiting>,
    clips: Clips,
}

impl Evidence {
    /// Clips are made by `clips`.
    pub(crate) fn new(clips: Clips) -> Self {
        Self { known: BTreeMap::new(), waiting: Vec::new(), clips }
    }

    /// Notes a look.
    pub(crate) fn looked(&mut self, look: &Look) {
        if !look.drill {
            self.known.entry(look.printer).or_default().look(look);
        }
    }

    /// Notes what the printer says, and makes the clips whose half minute has passed.
    pub(crate) fn tick(
        &mut self,
        printer: PrinterId,
        view: Option<&PrinterView>,
        now: Millis,
        real_ms: Millis,
    ) {
        if let Some(view) = view {
            self.known.entry(printer).or_default().facts(view, now);
        }
        let mut index = 0;
        while let Some(waiting) = self.waiting.get(index) {
            if waiting.printer == printer && waiting.over(real_ms) {
                let waiting = self.waiting.swap_remove(index);
                self.clips.make(self.job(&waiting));
            } else {
                index += 1;
            }
        }
    }

    /// Begins to wait for the half minute after an alert.
    pub(crate) fn alerted(
        &mut self,
        printer: PrinterId,
        print: PrintId,
        alert: FrameInfo,
        frames: Frames,
        real_ms: Millis,
    ) {
        self.waiting.push(Waiting { printer, print, alert, frames, since_real_ms: real_ms });
    }

    /// Forgets a printer.
    pub(crate) fn forget(&mut self, printer: PrinterId) {
        self.known.remove(&printer);
        self.waiting.retain(|waiting| waiting.printer != printer);
    }

    /// Drops what waits, breaks off the clip under way, and ends the thread.
    pub(crate) fn close(&mut self) {
        self.waiting.clear();
        self.clips.close();
    }

    fn job(&self, waiting: &Waiting) -> Job {
        let held = waiting.frames.recent(waiting.alert.taken.mono_ms.saturating_sub(BEFORE_MS));
        let chosen = chosen(&held, &waiting.alert);
        let frames = chosen.iter().filter_map(|info| waiting.frames.frame(info.id)).collect();
        let frames = lightened(frames, waiting.alert.id, MAX_BYTES);
        let nothing = Known::default();
        let known = self.known.get(&waiting.printer).unwrap_or(&nothing);
        let scenes = frames.iter().map(|frame| known.scene(frame, &waiting.alert)).collect();
        Job { print: waiting.print, frame: waiting.alert.id, scenes }
    }
}

impl Waiting {
    fn over(&self, real_ms: Millis) -> bool {
        let newest = self.frames.latest().borrow().as_ref().map(|frame| frame.info.taken);
        newest.is_some_and(|newest| newest.since(self.alert.taken) >= AFTER_MS)
            || real_ms.saturating_sub(self.since_real_ms) >= PATIENCE_MS
    }
}

impl Known {
    fn look(&mut self, look: &Look) {
        let rect =
            |b: &domain::Detection| Rect { left: b.area.x, top: b.area.y, width: b.area.w, height: b.area.h };
        push(
            &mut self.looks,
            Seen {
                taken_ms: look.frame.taken.mono_ms,
                whole: look.view == View::Whole,
                sure: look.probability as f32,
                boxes: look.boxes.iter().map(rect).collect(),
            },
        );
    }

    fn facts(&mut self, view: &PrinterView, now: Millis) {
        if self.facts.back().is_none_or(|last| now.saturating_sub(last.at_ms) >= FACTS_EVERY_MS) {
            push(&mut self.facts, Facts { at_ms: now, lines: facts_lines(view) });
        }
    }

    /// Returns a picture with what was known when it was taken.
    fn scene(&self, frame: &Frame, alert: &FrameInfo) -> Scene<bytes::Bytes> {
        let taken = frame.info.taken.mono_ms;
        let look = self.seen_at(taken);
        let facts = self.facts.iter().rev().find(|facts| facts.at_ms <= taken);
        let facts = facts.filter(|facts| taken - facts.at_ms <= FACTS_HOLD_MS);
        let mut lines = facts.map(|facts| facts.lines.clone()).unwrap_or_default();
        let score =
            look.as_ref().map(|look| format!("   score {:.0} %", look.sure * 100.0)).unwrap_or_default();
        lines.push(format!("{}{score}", beside(taken, alert.taken.mono_ms)));
        Scene {
            jpeg: frame.jpeg.clone(),
            seconds: taken as f64 / 1000.0,
            sure: look.as_ref().map(|look| look.sure),
            boxes: look.map(|look| look.boxes).unwrap_or_default(),
            lines,
        }
    }
}

impl Known {
    /// Returns what was known of a moment's picture: the mean and the boxes of the last look at the whole of it and of
    /// the last closer one, which take turns.
    fn seen_at(&self, taken: Millis) -> Option<Seen> {
        let last = |whole: bool| {
            let look = self.looks.iter().rev().find(|look| look.taken_ms <= taken && look.whole == whole);
            look.filter(|look| taken - look.taken_ms <= LOOK_HOLDS_MS)
        };
        match (last(true), last(false)) {
            (Some(whole), Some(closer)) => Some(Seen {
                sure: (whole.sure + closer.sure) / 2.0,
                boxes: [whole.boxes.as_slice(), closer.boxes.as_slice()].concat(),
                ..whole.clone()
            }),
            (one, other) => one.or(other).cloned(),
        }
    }
}

fn push<T>(all: &mut VecDeque<T>, one: T) {
    if all.len() == REMEMBERED {
        all.pop_front();
    }
    all.push_back(one);
}

/// "12 s before the alert".
fn beside(taken_ms: Millis, alert_ms: Millis) -> String {
    match taken_ms.cmp(&alert_ms) {
        std::cmp::Ordering::Less => format!("{} s before the alert", (alert_ms - taken_ms).div_ceil(1000)),
        std::cmp::Ordering::Equal => "the alert".into(),
        std::cmp::Ordering::Greater => format!("{} s after the alert", (taken_ms - alert_ms) / 1000),
    }
}

/// Temperatures, then layer, line and gauge: as far as they are known.
fn facts_lines(view: &PrinterView) -> Vec<String> {
    let heaters = view.status.temperatures.iter().map(|(name, t)| {
        let name = match name.as_str() {
            "tool0" => "Hotend",
            "bed" => "Bed",
            other => other,
        };
        let target = t.target.filter(|target| *target > 0.0).map(|target| format!("/{target:.0}"));
        format!("{name} {:.0}{} °C", t.actual, target.unwrap_or_default())
    });
    let progress = view.vigil.progress.as_ref();
    let place = progress.filter(|progress| !progress.on_card).into_iter().flat_map(|progress| {
        let of = |all: Option<u32>| all.map(|all| format!(" of {all}")).unwrap_or_default();
        let layer = progress.layer.map(|layer| format!("Layer {layer}{}", of(progress.layers)));
        [layer, Some(format!("G-code line {} of {}", progress.line, progress.lines))].into_iter().flatten()
    });
    let gauge = view.vigil.watch.gauge.map(|gauge| format!("gauge {:.0} %", gauge * 100.0));
    let lines: [Vec<String>; 2] = [heaters.collect(), place.chain(gauge).collect()];
    lines.iter().map(|parts| parts.join("   ")).filter(|line| !line.is_empty()).collect()
}

/// Chooses of the held frames those around an alert, five a second at most, the alert's own among them.
fn chosen(held: &[FrameInfo], alert: &FrameInfo) -> Vec<FrameInfo> {
    let from = alert.taken.mono_ms.saturating_sub(BEFORE_MS);
    let wanted = from..=alert.taken.mono_ms.saturating_add(AFTER_MS);
    let mut chosen: Vec<FrameInfo> = Vec::new();
    for info in held.iter().filter(|info| wanted.contains(&info.taken.mono_ms)) {
        let near = chosen.last().filter(|last| info.taken.since(last.taken) < STEP_MS).map(|last| last.id);
        match near {
            None => chosen.push(*info),
            // The alert's own picture comes in any case.
            Some(last) if info.id == alert.id && last != alert.id => {
                chosen.pop();
                chosen.push(*info);
            }
            Some(_) => (),
        }
    }
    chosen
}

/// Leaves every other frame out, the alert's never, until they fit into `max_bytes`.
fn lightened(mut frames: Vec<Arc<Frame>>, alert: FrameId, max_bytes: usize) -> Vec<Arc<Frame>> {
    while frames.len() > 1 && frames.iter().map(|frame| frame.jpeg.len()).sum::<usize>() > max_bytes {
        let before = frames.len();
        let mut index = 0;
        frames.retain(|frame| {
            index += 1;
            index % 2 == 1 || frame.info.id == alert
        });
        if frames.len() == before {
            break;
        }
    }
    frames
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
