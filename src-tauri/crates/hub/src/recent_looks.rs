//! What is remembered of the looks at the print under way: for the curve, for the frames before an alert, and for what is
//! shown of the last picture.

use crate::words::span_word;
use domain::{Detection, FrameId, Look, Millis, Now, View};
use std::collections::VecDeque;

/// What is remembered for the curve and for the frames before an alert: five minutes.
const REMEMBERED_MS: Millis = 300_000;
/// Looks remembered at most.
const REMEMBERED: usize = 400;
/// A look and the last one of the other kind of view say something together within this.
const BOTH_WITHIN_MS: Millis = 25_000;
/// Frames of the minute before an alert that are shown.
const SHOWN_BEFORE: usize = 12;
const MINUTE_MS: Millis = 60_000;

/// What is remembered of a look.
#[derive(Debug, Clone)]
pub(crate) struct SeenLook {
    frame: FrameId,
    taken: Now,
    view: View,
    /// Bent as the printer's settings say.
    p: f64,
    probability: f64,
    gauge: f64,
    boxes: Vec<Detection>,
    pub(crate) frame_size: (u32, u32),
    pub(crate) total_ms: f32,
    pub(crate) inference_ms: f32,
}

impl SeenLook {
    pub(crate) fn taken(&self) -> Now {
        self.taken
    }
}

/// What the last look and the one of the other kind of view say together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BothViews {
    /// The mean of both.
    pub(crate) probability: f64,
    /// The mean of both.
    pub(crate) p: f64,
    /// Boxes of both.
    pub(crate) boxes: Vec<Detection>,
}

/// The last looks, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RecentLooks {
    looks: VecDeque<SeenLook>,
}

impl RecentLooks {
    pub(crate) fn remember(&mut self, look: &Look, p: f64, gauge: f64) {
        let taken = look.frame.taken;
        let old = |seen: &SeenLook| taken.since(seen.taken) > REMEMBERED_MS;
        while self.looks.len() >= REMEMBERED || self.looks.front().is_some_and(old) {
            self.looks.pop_front();
        }
        self.looks.push_back(SeenLook {
            frame: look.frame.id,
            taken,
            view: look.view,
            p,
            probability: look.probability,
            gauge,
            boxes: look.boxes.clone(),
            frame_size: (look.frame.width, look.frame.height),
            total_ms: look.total_ms,
            inference_ms: look.inference_ms,
        });
    }

    pub(crate) fn last(&self) -> Option<&SeenLook> {
        self.looks.back()
    }

    /// Returns what was seen last, whole and closer together; `None` before the first look.
    pub(crate) fn last_of_both_views(&self) -> Option<BothViews> {
        let last = self.looks.back()?;
        let other = self.looks.iter().rev().find(|look| is_whole(look.view) != is_whole(last.view));
        let recent = other.filter(|other| last.taken.since(other.taken) <= BOTH_WITHIN_MS);
        Some(match recent {
            None => BothViews { probability: last.probability, p: last.p, boxes: last.boxes.clone() },
            Some(other) => {
                let more = other.boxes.iter().filter(|one| !last.boxes.iter().any(|b| overlap(b, one)));
                BothViews {
                    probability: (last.probability + other.probability) / 2.0,
                    p: (last.p + other.p) / 2.0,
                    boxes: last.boxes.iter().chain(more).cloned().collect(),
                }
            }
        })
    }

    /// Returns the gauge over time, in seconds since the epoch.
    pub(crate) fn curve(&self) -> Vec<(f64, f64)> {
        let point = |look: &SeenLook| (look.taken.utc.micros() as f64 / 1e6, look.gauge);
        self.looks.iter().map(point).collect()
    }

    /// Returns evenly chosen frames of the minute before this one was taken.
    pub(crate) fn frames_before(&self, frame: FrameId, taken: Now) -> Vec<FrameId> {
        let minute = self.looks.iter().filter(|seen| taken.since(seen.taken) <= MINUTE_MS);
        thinned(minute.map(|seen| seen.frame).filter(|one| *one != frame).collect())
    }

    /// "Seen 6 times in 60 seconds." Where the rule knows for how long something has been there, as its reasons say too,
    /// the count is over that time; else over the last minute.
    pub(crate) fn seen_words(&self, now: Now, for_secs: f64) -> String {
        let known = for_secs >= 2.0;
        let within_ms = if known { (for_secs * 1000.0) as Millis } else { MINUTE_MS };
        let suspicious =
            |look: &&SeenLook| now.since(look.taken) <= within_ms && look.p > verdict::SUSPICIOUS_ABOVE;
        let (mut seen, mut first) = (0_u32, None);
        for look in self.looks.iter().filter(suspicious) {
            seen += 1;
            first.get_or_insert(look.taken);
        }
        let secs =
            if known { for_secs } else { first.map_or(0.0, |first| now.since(first).div_ceil(1000) as f64) };
        if seen > 1 { format!("Seen {seen} times in {}.", span_word(secs)) } else { "Seen just now.".into() }
    }
}

fn is_whole(view: View) -> bool {
    view == View::Whole
}

/// Two boxes that are more or less the same thing.
fn overlap(a: &Detection, b: &Detection) -> bool {
    let (a, b) = (a.area, b.area);
    let along = |from: f32, len: f32, other: f32, other_len: f32| {
        ((from + len).min(other + other_len) - from.max(other)).max(0.0)
    };
    let common = along(a.x, a.w, b.x, b.w) * along(a.y, a.h, b.y, b.h);
    common > 0.5 * (a.w * a.h).min(b.w * b.h)
}

/// Returns evenly chosen frames, the newest among them.
fn thinned(frames: Vec<FrameId>) -> Vec<FrameId> {
    let step = frames.len().div_ceil(SHOWN_BEFORE).max(1);
    let last = frames.len().saturating_sub(1) % step;
    frames.into_iter().skip(last).step_by(step).collect()
}
