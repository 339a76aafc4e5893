//! What never moves: wall, table, frame and the empty bed.

use super::canvas::{Canvas, Kind};
use super::view::{V3, View, lamp};

/// The bed's plate, mm.
const PLATE: (f32, f32) = (-6.0, 226.0);
const TABLE_Z: f32 = -46.0;
const WALL_Y: f32 = 520.0;

/// Draws the empty printer: at twice the size, then halved, so that edges are smooth.
pub(super) fn draw(view: &View) -> Canvas {
    let fine = View::new(view.width * 2, view.height * 2);
    let mut canvas = Canvas::new(fine.width, fine.height);
    for y in 0..fine.height {
        for x in 0..fine.width {
            let ray = fine.ray(x as f32 + 0.5, y as f32 + 0.5);
            let (color, distance, kind) = cast(fine.eye, ray);
            let depth = distance * ray.dot(fine.forward);
            canvas.set(y * fine.width + x, color, depth, kind);
        }
    }
    frame(&mut canvas, &fine);
    canvas.halved(|x, y| vignette(view, x, y))
}

/// Draws a box between two corners.
pub(super) fn block(canvas: &mut Canvas, view: &View, low: V3, high: V3, color: [f32; 3]) {
    let corner = |i: usize| {
        let pick = |bit: usize, a: f32, b: f32| if i >> bit & 1 == 0 { a } else { b };
        V3(pick(0, low.0, high.0), pick(1, low.1, high.1), pick(2, low.2, high.2))
    };
    // Left or right, front, top or bottom: those that the camera can see.
    let side = if view.eye.0 < low.0 { [0, 2, 6, 4] } else { [1, 3, 7, 5] };
    let flat = if view.eye.2 > high.2 { [4, 5, 7, 6] } else { [0, 1, 3, 2] };
    for face in [side, [0, 1, 5, 4], flat] {
        canvas.face(view, &face.map(corner), color);
    }
}

fn vignette(view: &View, x: usize, y: usize) -> f32 {
    let dx = x as f32 / view.width as f32 - 0.5;
    let dy = y as f32 / view.height as f32 - 0.5;
    1.04 - 0.55 * (dx * dx + dy * dy)
}

fn cast(eye: V3, ray: V3) -> ([f32; 3], f32, Kind) {
    let hit = |distance: f32| eye + ray * distance;
    if ray.2 < 0.0 {
        let distance = -eye.2 / ray.2;
        let p = hit(distance);
        if p.0 > PLATE.0 && p.0 < PLATE.1 && p.1 > PLATE.0 && p.1 < PLATE.1 {
            return (bed(p, ray), distance, Kind::Bed);
        }
        let front = (PLATE.0 - eye.1) / ray.1;
        let p = hit(front);
        if ray.1 > 0.0 && p.0 > PLATE.0 && p.0 < PLATE.1 && p.2 < 0.0 && p.2 > -6.0 {
            return ([58.0, 59.0, 62.0].map(|c| c * (1.0 + p.2 * 0.06)), front, Kind::Room);
        }
        let distance = (TABLE_Z - eye.2) / ray.2;
        let p = hit(distance);
        if p.1 < WALL_Y {
            return (table(p), distance, Kind::Room);
        }
    }
    let distance = (WALL_Y - eye.1) / ray.1;
    (wall(hit(distance)), distance, Kind::Room)
}

fn bed(p: V3, ray: V3) -> [f32; 3] {
    let grain = speckle(p.0 * 2.2, p.1 * 2.2) * 5.0 + cloud(p.0 * 0.02, p.1 * 0.02) * 9.0;
    // The lamp's blurred reflection on the coated steel.
    let mirrored = V3(ray.0, ray.1, -ray.2);
    let glare = mirrored.dot(lamp() * -1.0 + V3(0.0, 0.0, 2.0 * lamp().2)).max(0.0);
    let sheen = mirrored.dot(V3(-0.25, 0.80, 0.52).unit()).max(0.0).powi(14) * 46.0 + glare.powi(6) * 10.0;
    let edge = [p.0 - PLATE.0, PLATE.1 - p.0, p.1 - PLATE.0, PLATE.1 - p.1];
    let rim = if edge.into_iter().fold(f32::MAX, f32::min) < 1.2 { 26.0 } else { 0.0 };
    let line = |v: f32| ((v / 40.0 - (v / 40.0).round()).abs() * 40.0 < 0.35) as u8 as f32;
    let grid = line(p.0 - 30.0).max(line(p.1 - 30.0)) * 7.0;
    let light = 1.06 - 0.0011 * (p.0 - 40.0) - 0.0006 * p.1;
    [58.0, 58.0, 61.0].map(|c| (c + grain + grid + rim) * light + sheen)
}

fn table(p: V3) -> [f32; 3] {
    let board = cloud(p.0 * 0.012, p.1 * 0.05) * 12.0;
    let under = soft_box(p.0, p.1, (-40.0, 260.0), (-40.0, 300.0), 50.0);
    [122.0, 106.0, 90.0].map(|c| (c + board) * (1.0 - 0.62 * under) * 0.78)
}

fn wall(p: V3) -> [f32; 3] {
    let glow = (-((p.0 + 120.0) / 420.0).powi(2) - ((p.2 - 260.0) / 320.0).powi(2)).exp();
    let mut color = [124.0, 121.0, 115.0].map(|c| c * (0.66 + 0.55 * glow));
    // Things on a shelf, far out of focus.
    let things: [(f32, f32, f32, f32, [f32; 3]); 7] = [
        (-330.0, -240.0, 20.0, 190.0, [60.0, 72.0, 96.0]),
        (-225.0, -190.0, 20.0, 165.0, [128.0, 62.0, 48.0]),
        (-180.0, -140.0, 20.0, 180.0, [150.0, 140.0, 118.0]),
        (-420.0, -60.0, -4.0, 18.0, [104.0, 82.0, 60.0]),
        (250.0, 420.0, 60.0, 300.0, [58.0, 60.0, 63.0]),
        (40.0, 150.0, 170.0, 330.0, [122.0, 124.0, 122.0]),
        (470.0, 640.0, 0.0, 180.0, [84.0, 96.0, 82.0]),
    ];
    for (x0, x1, z0, z1, tone) in things {
        let share = soft_box(p.0, p.2, (x0, x1), (z0, z1), 16.0) * 0.75;
        color = std::array::from_fn(|i| color[i] * (1.0 - share) + tone[i] * share * (0.75 + 0.4 * glow));
    }
    color
}

/// Returns 1 inside the rectangle, 0 outside, with a soft edge.
fn soft_box(x: f32, y: f32, xs: (f32, f32), ys: (f32, f32), soft: f32) -> f32 {
    let step = |d: f32| {
        let t = (d / soft + 0.5).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    };
    step(x - xs.0) * step(xs.1 - x) * step(y - ys.0) * step(ys.1 - y)
}

fn frame(canvas: &mut Canvas, view: &View) {
    let aluminium = [150.0, 152.0, 156.0];
    let black = [40.0, 41.0, 44.0];
    let parts = [
        (V3(-52.0, 236.0, TABLE_Z), V3(-30.0, 258.0, 420.0), aluminium),
        (V3(250.0, 236.0, TABLE_Z), V3(272.0, 258.0, 420.0), aluminium),
        (V3(-52.0, 236.0, -30.0), V3(272.0, 258.0, -8.0), aluminium),
        (V3(-52.0, -26.0, TABLE_Z), V3(272.0, -10.0, -24.0), black),
        (V3(20.0, -8.0, -24.0), V3(44.0, 0.0, -6.0), black),
        (V3(176.0, -8.0, -24.0), V3(200.0, 0.0, -6.0), black),
    ];
    for (low, high, color) in parts {
        block(canvas, view, low, high, color);
    }
    for x in [-41.0, 261.0] {
        let slot = [
            V3(x - 3.0, 235.5, 0.0),
            V3(x + 3.0, 235.5, 0.0),
            V3(x + 3.0, 235.5, 420.0),
            V3(x - 3.0, 235.5, 420.0),
        ];
        canvas.face(view, &slot, [70.0, 71.0, 74.0]);
    }
}

/// Returns noise from -1 to 1, one value a cell.
fn speckle(x: f32, y: f32) -> f32 {
    hash(x.floor() as i32, y.floor() as i32)
}

/// Returns smooth noise from -1 to 1.
fn cloud(x: f32, y: f32) -> f32 {
    let (ix, iy) = (x.floor(), y.floor());
    let (fx, fy) = (x - ix, y - iy);
    let (sx, sy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
    let at = |dx: i32, dy: i32| hash(ix as i32 + dx, iy as i32 + dy);
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * sx;
    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * sx;
    top + (bottom - top) * sy
}

fn hash(x: i32, y: i32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    (h ^ (h >> 15)) as f32 / u32::MAX as f32 * 2.0 - 1.0
}
