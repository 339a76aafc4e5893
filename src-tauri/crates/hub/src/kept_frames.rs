//! Which frames of a print are written to disk, and why.

use crate::film_pace::{FilmPace, Room};
use crate::out::Out;
use domain::{Effect, FrameId, FrameInfo, KeepWhy, Millis, PrintId};

/// Where a print is: kept with each of its frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whereabouts {
    pub(crate) print: PrintId,
    /// Last acknowledged line.
    pub(crate) line: Option<u64>,
    /// Layer, from 0.
    pub(crate) layer_idx: Option<u32>,
}

/// The frames that are kept of the print under way.
#[derive(Debug, Default)]
pub(crate) struct KeptFrames {
    pace: FilmPace,
    /// The frame kept last, and why.
    last: Option<(FrameId, KeepWhy)>,
    /// Pictures may lie on disk for a film.
    any: bool,
}

impl KeptFrames {
    /// Returns those of a print that has gone on for so long.
    pub(crate) fn after(passed: Millis) -> Self {
        Self { pace: FilmPace::after(passed), last: None, any: true }
    }

    pub(crate) fn any(&self) -> bool {
        self.any
    }

    /// Has a frame written to disk, once for each reason that outranks the last.
    pub(crate) fn keep(&mut self, frame: &FrameInfo, why: KeepWhy, at: Whereabouts, out: &mut Out) {
        if self.last.is_some_and(|(id, kept)| id == frame.id && rank(kept) >= rank(why)) {
            return;
        }
        self.last = Some((frame.id, why));
        self.any = true;
        let Whereabouts { print, line, layer_idx } = at;
        out.effect(Effect::KeepFrame { frame: *frame, print, why, line, layer_idx });
    }

    /// A frame was taken while lines were executed: it is kept where the film wants it.
    pub(crate) fn film(&mut self, frame: &FrameInfo, at: Whereabouts, out: &mut Out) {
        let Some(wanted) = self.pace.look(frame.taken.mono_ms, at.layer_idx) else { return };
        self.keep(frame, wanted.why, at, out);
        match wanted.room {
            Room::Enough => (),
            Room::MakeRoom => out.effect(Effect::ThinFrames(at.print)),
        }
    }
}

fn rank(why: KeepWhy) -> u8 {
    match why {
        KeepWhy::Film => 0,
        KeepWhy::Layer => 1,
        KeepWhy::Suspicious => 2,
        KeepWhy::Alert => 3,
    }
}
