//! What moves: gantry, print head, and the strand that hangs from its nozzle.

use super::canvas::{Canvas, Kind, Paint};
use super::room::block;
use super::view::{V3, View};
use std::f32::consts::TAU;

/// Draws gantry and head with the nozzle at `tip`.
pub(super) fn draw(canvas: &mut Canvas, view: &View, tip: V3) {
    shadow(canvas, view, tip);
    gantry(canvas, view, tip);
    let near = |x: f32, y: f32, z: f32| tip + V3(x, y, z);
    let boxes = [
        (near(-25.0, 6.0, 24.0), near(25.0, 24.0, 74.0), [52.0, 53.0, 56.0]),
        (near(-19.0, -15.0, 17.0), near(19.0, 8.0, 57.0), [62.0, 63.0, 67.0]),
        (near(-13.0, -12.0, 57.0), near(13.0, 8.0, 78.0), [46.0, 47.0, 50.0]),
        (near(-9.0, -7.0, 7.0), near(9.0, 8.0, 17.0), [150.0, 74.0, 58.0]),
        (near(19.0, -8.0, 12.0), near(27.0, 6.0, 42.0), [44.0, 45.0, 48.0]),
    ];
    for (low, high, color) in boxes {
        block(canvas, view, low, high, color);
    }
    fan(canvas, view, near(0.0, -15.3, 37.0));
    nozzle(canvas, view, tip);
    cables(canvas, view, near(0.0, 0.0, 78.0));
}

/// Draws the strand between nozzle and pile.
pub(super) fn hanging(canvas: &mut Canvas, view: &View, tip: V3, end: V3, paint: &Paint, radius: f32) {
    let sag = V3((tip.0 + end.0) / 2.0, (tip.1 + end.1) / 2.0, end.2.min(tip.2) * 0.7);
    curve(canvas, view, [tip, sag, end], 10, radius, paint);
}

fn shadow(canvas: &mut Canvas, view: &View, tip: V3) {
    let ground = view.see(V3(tip.0 + 20.0, tip.1 + 16.0, 0.0));
    let px = view.focal / ground.depth;
    canvas.dim(&ground, 52.0 * px, 26.0 * px, 0.42 / (1.0 + tip.2 * 0.01));
}

fn gantry(canvas: &mut Canvas, view: &View, tip: V3) {
    let z = tip.2 + 46.0;
    let metal = [142.0, 144.0, 148.0];
    for (x0, x1) in [(-50.0, -32.0), (252.0, 270.0)] {
        block(canvas, view, V3(x0, -8.0, z - 14.0), V3(x1, 240.0, z + 2.0), metal);
        let y = tip.1;
        block(canvas, view, V3(x0 - 2.0, y + 14.0, z - 18.0), V3(x1 + 2.0, y + 54.0, z + 24.0), [44.0; 3]);
    }
    let (y0, y1) = (tip.1 + 24.0, tip.1 + 42.0);
    block(canvas, view, V3(-32.0, y0, z), V3(252.0, y1, z + 20.0), metal);
    let slot = [
        V3(-32.0, y0 - 0.3, z + 8.0),
        V3(252.0, y0 - 0.3, z + 8.0),
        V3(252.0, y0 - 0.3, z + 12.0),
        V3(-32.0, y0 - 0.3, z + 12.0),
    ];
    canvas.face(view, &slot, [58.0, 59.0, 62.0]);
}

fn fan(canvas: &mut Canvas, view: &View, center: V3) {
    let ring = |r: f32, forward: f32| -> Vec<V3> {
        let corner = |i: u8| {
            let a = f32::from(i) / 20.0 * TAU;
            center + V3(r * a.cos(), -forward, r * a.sin())
        };
        (0..20).map(corner).collect()
    };
    canvas.face(view, &ring(15.0, 0.1), [24.0; 3]);
    for i in 0..7u8 {
        let a = f32::from(i) / 7.0 * TAU;
        let spoke = |r: f32, off: f32| center + V3(r * (a + off).cos(), -0.4, r * (a + off).sin());
        let blade = [spoke(4.0, 0.0), spoke(13.5, 0.25), spoke(13.5, 0.65), spoke(4.0, 0.6)];
        canvas.face(view, &blade, [58.0; 3]);
    }
    canvas.face(view, &ring(5.0, 0.7), [78.0; 3]);
}

fn nozzle(canvas: &mut Canvas, view: &View, tip: V3) {
    let rim = |i: u8, r: f32, z: f32| {
        let a = f32::from(i) / 10.0 * TAU;
        tip + V3(r * a.cos(), r * a.sin(), z)
    };
    for i in 0..10u8 {
        let face = [rim(i, 4.6, 7.0), rim(i + 1, 4.6, 7.0), rim(i + 1, 0.6, 0.2), rim(i, 0.6, 0.2)];
        canvas.face(view, &face, [196.0, 152.0, 84.0]);
    }
}

fn cables(canvas: &mut Canvas, view: &View, top: V3) {
    let black = Paint { color: [40.0, 40.0, 43.0], kind: Kind::Room, wall: None, gleam: 0.15 };
    let tube = Paint { color: [188.0, 186.0, 178.0], kind: Kind::Room, wall: None, gleam: 0.2 };
    let away = V3(120.0, 240.0, 420.0);
    for (from, bow, radius, paint) in [
        (V3(-5.0, 2.0, 0.0), V3(-6.0, 20.0, 150.0), 3.4, &black),
        (V3(5.0, 0.0, 0.0), V3(14.0, 10.0, 140.0), 2.0, &tube),
    ] {
        curve(canvas, view, [top + from, top + bow, away + from], 16, radius, paint);
    }
}

/// Draws a bow through three points (the middle one pulls).
fn curve(canvas: &mut Canvas, view: &View, [a, b, c]: [V3; 3], parts: u8, radius: f32, paint: &Paint) {
    let at = |t: f32| a.toward(b, t).toward(b.toward(c, t), t);
    for i in 0..parts {
        let (t0, t1) = (f32::from(i) / f32::from(parts), f32::from(i + 1) / f32::from(parts));
        canvas.strand(view, at(t0), at(t1), radius, paint);
    }
}
