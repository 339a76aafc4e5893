//! How long moves take on a machine that has to gather speed and to slow down before corners.
//!
//! Modelled on Marlin's `planner.cpp`: each move is a trapezoid of speed; a corner is taken at the speed that classic
//! jerk or junction deviation allows (the latter: S. K. Jeon, "Improving Grbl: cornering algorithm", 2011); a pass
//! backwards makes sure that every move can slow down for the next, one forwards that it can get there. The window is
//! bounded, and longer than a firmware's: that of the slicers that state times.

use crate::limits::{Corner, Limits};

/// Moves planned together.
const WINDOW: usize = 256;

/// Moves that stay open when the window is full: the last ones are planned as if the machine stopped after them.
const OPEN: usize = 64;

/// Speed at which Marlin begins and ends with junction deviation, mm/s.
const LEAST_MM_S: f64 = 0.05;

/// What a move is for; it decides which acceleration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lays material down, or pulls it back on the way.
    Print,
    /// Filament alone.
    Retract,
    /// Moves only.
    Travel,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    length: f64,
    /// Speed asked for, mm/s.
    speed: f64,
    accel: f64,
    /// Highest speed at its beginning, squared.
    most_entry: f64,
    /// Planned speed at its beginning, squared.
    entry: f64,
    /// Speed that can be reached from rest at once.
    safe: f64,
    slot: u32,
}

/// A window of moves, and the seconds of those that have left it.
#[derive(Debug, Default)]
pub(crate) struct Planner {
    blocks: Vec<Block>,
    /// Direction of the last move, and its speed; none after a stop.
    last: Option<([f64; 4], f64, f64)>,
    /// Seconds by slot.
    secs: Vec<f64>,
}

impl Planner {
    /// Adds a move: how far each axis goes, its length, and the feed rate asked for, mm/s.
    pub(crate) fn add(
        &mut self,
        steps: [f64; 4],
        length: f64,
        feed: f64,
        kind: Kind,
        limits: &Limits,
        slot: u32,
    ) {
        let inverse = 1.0 / length;
        if !inverse.is_finite() || !length.is_finite() || feed <= 0.0 {
            return;
        }
        let unit = steps.map(|step| step * inverse);
        let mut speed = feed;
        let mut accel = match kind {
            Kind::Print => limits.print_mm_s2,
            Kind::Retract => limits.retract_mm_s2,
            Kind::Travel => limits.travel_mm_s2,
        };
        for (axis, part) in unit.map(f64::abs).into_iter().enumerate() {
            if part * speed > limits.feed_mm_s[axis] {
                speed = limits.feed_mm_s[axis] / part;
            }
            if part * accel > limits.accel_mm_s2[axis] {
                accel = limits.accel_mm_s2[axis] / part;
            }
        }
        let (safe, corner) = match &limits.corner {
            Corner::Jerk(jerk) => self.by_jerk(jerk, &unit, speed),
            Corner::Deviation(deviation) => {
                (LEAST_MM_S, self.by_deviation(*deviation, &unit, accel, length, limits))
            }
            Corner::Square(corner) => {
                let deviation = corner * corner * (std::f64::consts::SQRT_2 - 1.0) / accel;
                (LEAST_MM_S, self.by_deviation(deviation, &unit, accel, length, limits))
            }
        };
        let before = self.last.map_or(safe, |(_, before, _)| before);
        let most = corner.min(speed).min(if self.last.is_some() { before } else { f64::INFINITY });
        if self.blocks.len() == WINDOW {
            self.plan(OPEN);
        }
        let most_entry = most * most;
        // The first move after a stop begins here; others are planned.
        let entry = if self.last.is_none() { most_entry } else { 0.0 };
        self.blocks.push(Block { length, speed, accel, most_entry, entry, safe, slot });
        self.last = Some((unit, speed, safe));
    }

    /// Lets the machine come to rest and waits.
    pub(crate) fn stop(&mut self, wait_secs: f64, slot: u32) {
        self.plan(0);
        self.last = None;
        self.count(wait_secs, slot);
    }

    /// Comes to rest. Returns the seconds by slot.
    pub(crate) fn finish(&mut self) -> Vec<f64> {
        self.plan(0);
        std::mem::take(&mut self.secs)
    }

    /// Returns the speed that this move may begin with from rest, and the speed of the corner before it.
    ///
    /// No axis may jump by more than its jerk.
    fn by_jerk(&self, jerk: &[f64; 4], unit: &[f64; 4], speed: f64) -> (f64, f64) {
        let mut safe = speed;
        for (part, jerk) in unit.iter().zip(jerk) {
            if part.abs() * safe > *jerk {
                safe = jerk / part.abs();
            }
        }
        let Some((last_unit, last_speed, last_safe)) = &self.last else { return (safe, safe) };
        let slower = last_speed.min(speed);
        let mut factor = 1.0;
        for axis in 0..4 {
            let out = last_unit[axis] * slower * factor;
            let into = unit[axis] * slower * factor;
            // A firmware may stop an axis and start it the other way with one jump each.
            let jump = if out * into >= 0.0 { (out - into).abs() } else { out.abs().max(into.abs()) };
            if jump > jerk[axis] {
                factor *= jerk[axis] / jump;
            }
        }
        let corner = slower * factor;
        // Stopping and starting again may be faster than going round.
        let most = corner * 0.99;
        if *last_safe > most && safe > most { (safe, safe) } else { (safe, corner) }
    }

    /// Returns the speed of the corner before this move: that of a circle which leaves the path by `deviation`.
    fn by_deviation(&self, deviation: f64, unit: &[f64; 4], accel: f64, length: f64, limits: &Limits) -> f64 {
        let Some((last, ..)) = &self.last else { return LEAST_MM_S };
        let size = |v: &[f64; 4]| v.iter().map(|p| p * p).sum::<f64>().sqrt();
        let dot: f64 = last.iter().zip(unit).map(|(a, b)| a * b).sum();
        let cos = (-dot / (size(last) * size(unit))).clamp(-1.0, 1.0);
        if cos > 0.999_999 {
            return LEAST_MM_S;
        }
        let turn = [0, 1, 2, 3].map(|axis| unit[axis] - last[axis]);
        let turn_size = size(&turn);
        let mut accel = accel;
        for (part, most) in turn.iter().zip(limits.accel_mm_s2) {
            let part = part.abs() / turn_size;
            if part * accel > most {
                accel = most / part;
            }
        }
        let half_sin = (0.5 * (1.0 - cos)).sqrt();
        let mut square = accel * deviation * half_sin / (1.0 - half_sin);
        // Many short moves that bend a little each are a curve, and have its radius.
        if length < 1.0 && cos < -std::f64::consts::FRAC_1_SQRT_2 {
            square = square.min(length / (std::f64::consts::PI - cos.acos()) * accel);
        }
        if square.is_nan() { f64::INFINITY } else { square.max(0.0).sqrt() }
    }

    /// Plans the window, then counts all but the last `open` moves and lets them go.
    fn plan(&mut self, open: usize) {
        let Some(newest) = self.blocks.last() else { return };
        let mut next = newest.safe.min(newest.speed).powi(2);
        let rest = next;
        // What is first has begun already: its entry stands.
        for block in self.blocks[1..].iter_mut().rev() {
            block.entry = block.most_entry.min(next + 2.0 * block.accel * block.length);
            next = block.entry;
        }
        for n in 1..self.blocks.len() {
            let before = self.blocks[n - 1];
            let reached = before.entry + 2.0 * before.accel * before.length;
            self.blocks[n].entry = self.blocks[n].entry.min(reached);
        }
        let done = self.blocks.len().saturating_sub(open);
        let mut entry = self.blocks[0].entry.sqrt();
        for n in 0..done {
            let block = self.blocks[n];
            let exit = self.blocks.get(n + 1).map_or(rest, |next| next.entry).sqrt();
            self.count(block.secs(entry, exit), block.slot);
            entry = exit;
        }
        self.blocks.drain(..done);
    }

    fn count(&mut self, secs: f64, slot: u32) {
        let slot = slot as usize;
        if self.secs.len() <= slot {
            self.secs.resize(slot + 1, 0.0);
        }
        self.secs[slot] += secs;
    }
}

impl Block {
    /// Returns how long it takes between these speeds.
    fn secs(&self, entry: f64, exit: f64) -> f64 {
        let Self { length, speed, accel, .. } = *self;
        let ramps = (2.0 * speed * speed - entry * entry - exit * exit) / (2.0 * accel);
        if ramps <= length {
            return (2.0 * speed - entry - exit) / accel + (length - ramps) / speed;
        }
        // The speed asked for is never reached.
        let peak = (accel * length + (entry * entry + exit * exit) / 2.0).sqrt().max(entry).max(exit);
        (2.0 * peak - entry - exit) / accel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(corner: Corner) -> Limits {
        Limits {
            feed_mm_s: [500.0; 4],
            accel_mm_s2: [1000.0; 4],
            print_mm_s2: 1000.0,
            corner,
            ..Limits::default()
        }
    }

    fn secs(moves: &[[f64; 2]], feed: f64, limits: &Limits) -> f64 {
        let mut planner = Planner::default();
        for [x, y] in moves {
            planner.add([*x, *y, 0.0, 0.0], x.hypot(*y), feed, Kind::Print, limits, 0);
        }
        planner.finish().iter().sum()
    }

    #[test]
    fn a_move_gathers_speed_and_slows_down() {
        let limits = machine(Corner::Jerk([0.001; 4]));
        // 100 mm/s at 1000 mm/s²: 0.1 s and 5 mm up, as much down, 90 mm between.
        let long = secs(&[[100.0, 0.0]], 100.0, &limits);
        assert!((long - 1.1).abs() < 1e-3, "{long}");
        // 2.5 mm: half of it up to 50 mm/s.
        let short = secs(&[[2.5, 0.0]], 100.0, &limits);
        assert!((short - 0.1).abs() < 1e-3, "{short}");
    }

    #[test]
    fn a_straight_line_in_pieces_takes_no_longer() {
        for corner in [Corner::Jerk([8.0; 4]), Corner::Deviation(0.013), Corner::Square(5.0)] {
            let limits = machine(corner);
            let whole = secs(&[[200.0, 0.0]], 100.0, &limits);
            let pieces = secs(&[[0.1, 0.0]; 2000], 100.0, &limits);
            assert!((whole - pieces).abs() < 1e-6, "{corner:?}: {whole} and {pieces}");
        }
    }

    #[test]
    fn corners_cost_time_and_sharper_ones_more() {
        for corner in [Corner::Jerk([8.0; 4]), Corner::Deviation(0.013), Corner::Square(5.0)] {
            let limits = machine(corner);
            let of = |x, y| secs(&[[50.0, 0.0], [x, y]], 100.0, &limits);
            let (on, right, back) = (of(50.0, 0.0), of(0.0, 50.0), of(-50.0, 0.0));
            assert!(on < right && right <= back, "{corner:?}: {on}, {right}, {back}");
        }
        // v² = a·d·sin/(1-sin) with half the angle's sine of a right angle.
        let planner = Planner { last: Some(([1.0, 0.0, 0.0, 0.0], 100.0, 0.05)), ..Planner::default() };
        let limits = machine(Corner::Deviation(0.013));
        let speed = planner.by_deviation(0.013, &[0.0, 1.0, 0.0, 0.0], 1000.0, 50.0, &limits);
        assert!((speed - (1000.0 * 0.013 * 2.414_213_f64).sqrt()).abs() < 1e-3, "{speed}");
    }

    #[test]
    fn an_axis_is_never_faster_than_it_can() {
        let mut limits = machine(Corner::Jerk([8.0; 4]));
        limits.feed_mm_s[1] = 10.0;
        let slow = secs(&[[0.0, 100.0]], 100.0, &limits);
        assert!((9.9..10.2).contains(&slow), "{slow}");
    }

    #[test]
    fn a_wait_counts_and_starts_anew() {
        let limits = machine(Corner::Jerk([0.001; 4]));
        let mut planner = Planner::default();
        planner.add([100.0, 0.0, 0.0, 0.0], 100.0, 100.0, Kind::Print, &limits, 0);
        planner.stop(3.0, 1);
        planner.add([100.0, 0.0, 0.0, 0.0], 100.0, 100.0, Kind::Print, &limits, 2);
        let secs = planner.finish();
        assert!((secs[0] - 1.1).abs() < 1e-3 && (secs[2] - 1.1).abs() < 1e-3, "{secs:?}");
        assert_eq!(secs[1], 3.0);
    }

    #[test]
    fn nonsense_takes_no_time() {
        assert_eq!(secs(&[[0.0, 0.0]], 100.0, &machine(Corner::Jerk([8.0; 4]))), 0.0);
        assert_eq!(secs(&[[1.0, 0.0]], 0.0, &machine(Corner::Jerk([8.0; 4]))), 0.0);
    }
}
