//! Filament that found no hold: where it curls to.
//!
//! A strand walks about below the nozzle with a curvature that wanders, rises in loops, and comes to rest on what
//! lies there already. Everything follows from the seed and the moves, so the same print tangles the same.

use super::view::V3;
use crate::machine::{Dice, Strand};

/// Radius of a strand that hangs in the air, mm.
pub(super) const RADIUS_MM: f32 = 0.28;
/// mm of strand for each mm of filament.
const STRETCH: f32 = 2.405 / (std::f32::consts::PI * RADIUS_MM * RADIUS_MM);
const STEP_MM: f32 = 0.8;
/// Side of a cell of the height map, mm.
const CELL_MM: f32 = 2.0;
const CELLS: usize = 130;

/// A piece of curled strand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) from: V3,
    pub(super) to: V3,
    /// 0.8 to 1.2: strands differ a little.
    pub(super) tint: f32,
}

/// The walk, and how high things lie.
#[derive(Debug, Clone)]
pub(super) struct Curls {
    dice: Dice,
    heights: Vec<f32>,
    at: Option<V3>,
    heading: f32,
    bend: f32,
    bend_goal: f32,
    bend_left: f32,
    loop_mm: f32,
    loop_high: f32,
    loop_at: f32,
    reach: f32,
    /// Where the pile slides to, away from the nozzle.
    drift: V3,
    drift_goal: V3,
    tint: f32,
    owed_mm: f32,
}

impl Curls {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            heights: vec![0.0; CELLS * CELLS],
            at: None,
            heading: 0.0,
            bend: 0.0,
            bend_goal: 0.1,
            bend_left: 0.0,
            loop_mm: 12.0,
            loop_high: 3.0,
            loop_at: 0.0,
            reach: 12.0,
            drift: V3::default(),
            drift_goal: V3::default(),
            tint: 1.0,
            owed_mm: 0.0,
        }
    }

    /// Returns where the last strand ends, if one hangs there.
    pub(super) fn end(&self) -> Option<V3> {
        self.at
    }

    /// Notes a firm line: strands come to rest on it.
    pub(super) fn lay_firm(&mut self, strand: &Strand) {
        let (from, to) = (V3::from(strand.from), V3::from(strand.to));
        let steps = ((to - from).length() / CELL_MM).ceil().max(1.0);
        for i in 0..=steps as usize {
            let p = from.toward(to, i as f32 / steps);
            let cell = cell(p);
            self.heights[cell] = self.heights[cell].max(p.2);
        }
        self.at = None;
    }

    /// Curls up what a move pushed out, and hands each piece to `lay`.
    pub(super) fn lay_loose(&mut self, strand: &Strand, mut lay: impl FnMut(Piece)) {
        let (from, to) = (V3::from(strand.from), V3::from(strand.to));
        let length = strand.e_mm * STRETCH + self.owed_mm;
        let steps = (length / STEP_MM).floor();
        self.owed_mm = length - steps * STEP_MM;
        for i in 0..steps as usize {
            let nozzle = from.toward(to, i as f32 / steps);
            let was = self.at.unwrap_or(V3(nozzle.0, nozzle.1, self.height(nozzle)));
            let is = self.walk(was, nozzle);
            lay(Piece { from: was, to: is, tint: self.tint });
            self.at = Some(is);
        }
    }

    fn walk(&mut self, was: V3, nozzle: V3) -> V3 {
        self.wander();
        // The further from the nozzle, the more it is pulled back.
        self.drift = self.drift.toward(self.drift_goal, 0.01);
        let (ox, oy) = (nozzle.0 + self.drift.0 - was.0, nozzle.1 + self.drift.1 - was.1);
        let away = ox.hypot(oy);
        let mut turn = self.bend;
        if away > self.reach {
            let mut off = oy.atan2(ox) - self.heading;
            off -= (off / std::f32::consts::TAU).round() * std::f32::consts::TAU;
            turn += off.clamp(-0.28, 0.28) * ((away - self.reach) / 16.0).min(1.0);
        }
        self.heading += turn * STEP_MM;
        let flat = V3(was.0 + self.heading.cos() * STEP_MM, was.1 + self.heading.sin() * STEP_MM, 0.0);
        let rest = self.height(flat) + RADIUS_MM;
        self.loop_at += STEP_MM / self.loop_mm;
        if self.loop_at >= 1.0 {
            self.loop_at = 0.0;
            self.loop_mm = 7.0 + 22.0 * self.dice.unit();
            // Most lie flat; a few stand up high.
            self.loop_high = 13.0 * self.dice.unit().powi(2);
            self.tint = 0.84 + 0.30 * self.dice.unit();
        }
        let wave = (self.loop_at * std::f32::consts::PI).sin();
        let goal = (rest + self.loop_high * wave * wave).min(nozzle.2.max(rest) + 5.0);
        let z = was.2 + ((goal - was.2) * 0.35).clamp(-0.7 * STEP_MM, 0.7 * STEP_MM);
        let is = V3(flat.0, flat.1, z.max(RADIUS_MM));
        self.pile_up(is);
        is
    }

    fn wander(&mut self) {
        self.bend_left -= STEP_MM;
        if self.bend_left <= 0.0 {
            self.bend_left = 5.0 + 22.0 * self.dice.unit();
            let tight = self.dice.once_in(4);
            // A radius of 2 to 4 mm for curls, of 6 mm to nearly straight else.
            let bend = if tight { 0.22 + 0.25 * self.dice.unit() } else { 0.02 + 0.13 * self.dice.unit() };
            self.bend_goal = if self.dice.once_in(2) { bend } else { -bend };
            self.reach = 6.0 + 24.0 * self.dice.unit();
            self.drift_goal = V3(self.dice.signed() * 24.0, self.dice.signed() * 20.0 - 5.0, 0.0);
        }
        self.bend += (self.bend_goal - self.bend) * 0.22 + self.dice.signed() * 0.015;
    }

    fn pile_up(&mut self, p: V3) {
        let cell = cell(p);
        // Loose coils take far more room than their own volume.
        self.heights[cell] = (self.heights[cell] + 0.16).max(p.2 * 0.35).min(p.2 + 0.3);
    }

    /// Returns the height of what lies around `p`, smoothed: a strand bridges gaps.
    fn height(&self, p: V3) -> f32 {
        let near = |dx: f32, dy: f32| self.heights[cell(p + V3(dx, dy, 0.0))];
        let ring = near(CELL_MM, 0.0) + near(-CELL_MM, 0.0) + near(0.0, CELL_MM) + near(0.0, -CELL_MM);
        0.4 * near(0.0, 0.0) + 0.15 * ring
    }
}

fn cell(p: V3) -> usize {
    let place = |mm: f32| ((mm / CELL_MM + 10.0).max(0.0) as usize).min(CELLS - 1);
    place(p.1) * CELLS + place(p.0)
}
