//! The demo camera's picture, drawn from what the simulated printer really did.
//!
//! What lies on the bed is drawn once, when it is laid, into a picture with depth; each frame copies that, puts
//! gantry and head into it, and adds what a cheap camera adds.

mod canvas;
mod curl;
mod finish;
mod head;
mod room;
mod view;

#[cfg(test)]
mod tests;

use crate::machine::{Bed, SimState, Strand};
use camera::Rgb;
use canvas::{Canvas, Kind, Paint};
use curl::{Curls, RADIUS_MM};
use finish::Sensor;
use view::{V3, View};

/// Colour of the filament.
const FILAMENT: [f32; 3] = [128.0, 196.0, 182.0];

/// A picture that follows a printer.
#[derive(Debug, Clone)]
pub struct Scene {
    view: View,
    empty: Canvas,
    /// The bed with what lies on it.
    laid: Canvas,
    /// `laid` with the head, made anew for each frame.
    frame: Canvas,
    curls: Curls,
    sensor: Sensor,
    seed: u64,
    cleared: u64,
    done: usize,
    frames: u64,
}

impl Scene {
    /// Sets up an empty printer, `width` x `height` pixels.
    pub fn new(width: usize, height: usize, seed: u64) -> Self {
        let view = View::new(width, height);
        let empty = room::draw(&view);
        Self {
            laid: empty.clone(),
            frame: empty.clone(),
            empty,
            view,
            curls: Curls::new(seed),
            sensor: Sensor::new(seed),
            seed,
            cleared: 0,
            done: 0,
            frames: 0,
        }
    }

    /// Draws what was laid on the bed since the last call.
    pub fn follow(&mut self, bed: &Bed) {
        if bed.cleared() != self.cleared || bed.strands().len() < self.done {
            self.laid = self.empty.clone();
            self.curls = Curls::new(self.seed);
            (self.cleared, self.done) = (bed.cleared(), 0);
        }
        let new = &bed.strands()[self.done..];
        self.done = bed.strands().len();
        for strand in new {
            if strand.loose {
                self.lay_loose(strand);
            } else {
                self.lay_firm(strand);
            }
        }
    }

    /// Returns the next picture.
    pub fn picture(&mut self, state: &SimState) -> Rgb {
        self.frame.show(&self.laid);
        let [x, y, z] = state.position_mm.map(|v| v as f32);
        let tip = V3(x, y, z);
        if let Some(end) = self.curls.end()
            && (tip - end).length() < 70.0
        {
            head::hanging(&mut self.frame, &self.view, tip, end, &filament(1.0, None), RADIUS_MM);
        }
        head::draw(&mut self.frame, &self.view, tip);
        let mut pixels = self.frame.shown.as_flattened().to_vec();
        self.frames += 1;
        self.sensor.expose(&mut pixels, self.view.width, self.seed ^ self.frames);
        finish::caption(&mut pixels, self.view.width);
        Rgb { width: self.view.width as u32, height: self.view.height as u32, pixels }
    }

    fn lay_firm(&mut self, strand: &Strand) {
        let (from, to) = (V3::from(strand.from), V3::from(strand.to));
        let flat = V3(to.0 - from.0, to.1 - from.1, 0.0);
        if flat.length() < 0.05 {
            return;
        }
        self.curls.lay_firm(strand);
        let across = V3(-flat.1, flat.0, 0.0).unit();
        // Of the two sides, the one that the camera sees.
        let middle = from.toward(to, 0.5);
        let seen = if across.dot(self.view.eye - middle) > 0.0 { across } else { across * -1.0 };
        let wall = (seen * 0.8 + V3(0.0, 0.0, 0.6)).unit();
        let parts = (flat.length() / 6.0).ceil().max(1.0) as u8;
        let piece = |i: u8| from.toward(to, f32::from(i) / f32::from(parts)) - V3(0.0, 0.0, 0.14);
        for i in 0..parts {
            let (a, b) = (piece(i), piece(i + 1));
            self.laid.shadow_on_bed(&self.view, a, b);
            self.laid.strand(&self.view, a, b, 0.25, &filament(1.0, Some(wall)));
        }
    }

    fn lay_loose(&mut self, strand: &Strand) {
        let (laid, view) = (&mut self.laid, &self.view);
        self.curls.lay_loose(strand, |piece| {
            laid.halo(view, piece.from, piece.to, RADIUS_MM);
            laid.strand(view, piece.from, piece.to, RADIUS_MM, &filament(piece.tint, None));
        });
    }
}

fn filament(tint: f32, wall: Option<V3>) -> Paint {
    let kind = if wall.is_some() { Kind::Firm } else { Kind::Loose };
    let gleam = if wall.is_some() { 0.05 } else { 0.30 };
    Paint { color: FILAMENT.map(|c| c * tint), kind, wall, gleam }
}
