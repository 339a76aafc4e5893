//! Pixels with depth: round strands, flat faces, and the shadows they throw.

use super::view::{Seen, V3, View, lamp};

/// What a pixel shows; shadows treat them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Room,
    Bed,
    Firm,
    Loose,
}

/// How a surface looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    /// 0 to 255.
    pub(super) color: [f32; 3],
    pub(super) kind: Kind,
    /// A wall of the part is lit by its own direction, not by the strand's roundness.
    pub(super) wall: Option<V3>,
    /// Strength of the gleam, 0 to 1.
    pub(super) gleam: f32,
}

/// A picture under construction.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    /// As it would look without the shadows of strands.
    lit: Vec<[u8; 3]>,
    shade: Vec<f32>,
    pub(super) depth: Vec<f32>,
    kind: Vec<Kind>,
    /// What is shown.
    pub(super) shown: Vec<[u8; 3]>,
}

/// Light that reaches everything.
const AMBIENT: f32 = 0.34;
/// No shadow is darker than this.
const DARKEST: f32 = 0.30;

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let n = width * height;
        Self {
            width,
            height,
            lit: vec![[0; 3]; n],
            shade: vec![1.0; n],
            depth: vec![f32::INFINITY; n],
            kind: vec![Kind::Room; n],
            shown: vec![[0; 3]; n],
        }
    }

    pub(super) fn set(&mut self, i: usize, color: [f32; 3], depth: f32, kind: Kind) {
        self.lit[i] = color.map(|c| c.clamp(0.0, 255.0) as u8);
        (self.shade[i], self.depth[i], self.kind[i]) = (1.0, depth, kind);
        self.shown[i] = self.lit[i];
    }

    /// Takes over what `other` shows.
    pub(super) fn show(&mut self, other: &Canvas) {
        self.shown.copy_from_slice(&other.shown);
        self.depth.copy_from_slice(&other.depth);
        self.kind.copy_from_slice(&other.kind);
    }

    /// Lays `color` over a pixel, opaque by `share`.
    fn blend(&mut self, i: usize, color: [f32; 3], share: f32, depth: f32, kind: Kind) {
        let under = self.shown[i];
        let mixed = std::array::from_fn(|c| f32::from(under[c]) * (1.0 - share) + color[c] * share);
        if share > 0.5 {
            self.set(i, mixed, depth, kind);
        } else {
            self.shown[i] = mixed.map(|c| c.clamp(0.0, 255.0) as u8);
            let shade = self.shade[i].max(DARKEST);
            self.lit[i] = mixed.map(|c| (c / shade).clamp(0.0, 255.0) as u8);
        }
    }

    fn darken(&mut self, i: usize, shade: f32) {
        self.shade[i] = shade.max(DARKEST).min(self.shade[i]);
        let k = self.shade[i];
        self.shown[i] = self.lit[i].map(|c| (f32::from(c) * k) as u8);
    }

    /// Draws a round strand of `radius` mm from `a` to `b`.
    pub(super) fn strand(&mut self, view: &View, a: V3, b: V3, radius: f32, paint: &Paint) {
        let (sa, sb) = (view.see(a), view.see(b));
        let r = (view.focal * radius / (0.5 * (sa.depth + sb.depth))).max(0.45);
        let light = view.turn(lamp());
        let flat = paint.wall.map(light_on);
        let (dx, dy) = (sb.x - sa.x, sb.y - sa.y);
        let length = dx.hypot(dy).max(1e-3);
        let (ux, uy) = (dx / length, dy / length);
        self.around(&sa, &sb, r + 1.0, |canvas, i, x, y| {
            let along = ((x - sa.x) * ux + (y - sa.y) * uy).clamp(0.0, length);
            let (px, py) = (x - sa.x - along * ux, y - sa.y - along * uy);
            let off = px.hypot(py);
            let share = (r + 0.5 - off).clamp(0.0, 1.0);
            if share <= 0.0 {
                return;
            }
            let s = (off / r).min(1.0);
            let out = (1.0 - s * s).sqrt();
            let depth = sa.depth + (sb.depth - sa.depth) * along / length - radius * out;
            if depth > canvas.depth[i] + 0.02 {
                return;
            }
            let normal = if off > 1e-3 { V3(px / off * s, py / off * s, out) } else { V3(0.0, 0.0, 1.0) };
            let round = normal.dot(light).max(0.0);
            let diffuse = flat.map_or(round, |f| 0.78 * f + 0.22 * round);
            let half = (light + V3(0.0, 0.0, 1.0)).unit();
            let gleam = normal.dot(half).max(0.0).powi(24) * paint.gleam * 200.0;
            let bright = AMBIENT + (1.0 - AMBIENT) * 1.12 * diffuse;
            canvas.blend(i, paint.color.map(|c| c * bright + gleam), share, depth, paint.kind);
        });
    }

    /// Darkens what lies behind a loose strand, beside it away from the lamp.
    pub(super) fn halo(&mut self, view: &View, a: V3, b: V3, radius: f32) {
        let fall = V3(0.55, 0.42, -0.9) * (radius * 1.6);
        let (sa, sb) = (view.see(a + fall), view.see(b + fall));
        let reach = (view.focal * radius * 2.6 / sa.depth).max(2.0);
        let (dx, dy) = (sb.x - sa.x, sb.y - sa.y);
        let square = (dx * dx + dy * dy).max(1e-3);
        self.around(&sa, &sb, reach, |canvas, i, x, y| {
            let t = (((x - sa.x) * dx + (y - sa.y) * dy) / square).clamp(0.0, 1.0);
            let off = (x - sa.x - t * dx).hypot(y - sa.y - t * dy) / reach;
            let depth = sa.depth + (sb.depth - sa.depth) * t;
            let behind = canvas.depth[i] - depth;
            if off >= 1.0 || behind < radius * 0.8 || canvas.kind[i] == Kind::Room {
                return;
            }
            // Far behind, a thin strand throws no visible shadow.
            let strength = 0.34 * (1.0 - off) * (1.0 - off) / (1.0 + behind * 0.05);
            canvas.darken(i, canvas.shade[i] * (1.0 - strength));
        });
    }

    /// Throws the shadow of a firm line onto the bed.
    pub(super) fn shadow_on_bed(&mut self, view: &View, a: V3, b: V3) {
        let ground = |p: V3| {
            let l = lamp();
            V3(p.0 - l.0 / l.2 * p.2, p.1 - l.1 / l.2 * p.2, 0.0)
        };
        let z = 0.5 * (a.2 + b.2);
        for (reach_mm, shade, a, b) in [
            (1.5 + z * 0.12, 0.52 + (z * 0.004).min(0.15), ground(a), ground(b)),
            (5.0, 0.60, V3(a.0, a.1, 0.0), V3(b.0, b.1, 0.0)),
        ] {
            if reach_mm >= 5.0 && z > 4.0 {
                continue;
            }
            let (sa, sb) = (view.see(a), view.see(b));
            let px_per_mm = view.focal / sa.depth;
            // A circle on the bed is a flat ellipse in the picture.
            let squash = 1.0 / view.forward.2.abs().max(0.2);
            let reach = reach_mm * px_per_mm;
            let (dx, dy) = (sb.x - sa.x, (sb.y - sa.y) * squash);
            let square = (dx * dx + dy * dy).max(1e-3);
            self.around(&sa, &sb, reach, |canvas, i, x, y| {
                if canvas.kind[i] != Kind::Bed {
                    return;
                }
                let (ox, oy) = (x - sa.x, (y - sa.y) * squash);
                let t = ((ox * dx + oy * dy) / square).clamp(0.0, 1.0);
                let off = ((ox - t * dx).hypot(oy - t * dy) / reach).min(1.0);
                let soft = off * off * (3.0 - 2.0 * off);
                canvas.darken(i, shade + (1.0 - shade) * soft);
            });
        }
    }

    /// Fills a flat convex face; what is nearer wins.
    pub(super) fn face(&mut self, view: &View, corners: &[V3], color: [f32; 3], kind: Kind) {
        let seen: Vec<Seen> = corners.iter().map(|p| view.see(*p)).collect();
        let normal = (corners[1] - corners[0]).cross(corners[2] - corners[0]).unit();
        let facing = if normal.dot(corners[0] - view.eye) > 0.0 { normal * -1.0 } else { normal };
        let bright = AMBIENT + (1.0 - AMBIENT) * light_on(facing);
        for i in 1..seen.len() - 1 {
            self.triangle([seen[0], seen[i], seen[i + 1]], color.map(|c| c * bright), kind);
        }
    }

    fn triangle(&mut self, [a, b, c]: [Seen; 3], color: [f32; 3], kind: Kind) {
        let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if area.abs() < 1e-3 {
            return;
        }
        let range = |low: f32, high: f32, most: usize| {
            (low.floor().max(0.0) as usize, (high.ceil().max(0.0) as usize).min(most))
        };
        let (x0, x1) = range(a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x), self.width);
        let (y0, y1) = range(a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y), self.height);
        for y in y0..y1 {
            let py = y as f32 + 0.5;
            // A soft fall of light down each face: flat faces look drawn.
            let tint = 1.04 - 0.10 * (py - y0 as f32) / (y1 - y0).max(1) as f32;
            for x in x0..x1 {
                let px = x as f32 + 0.5;
                let u = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) / area;
                let v = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) / area;
                if u < 0.0 || v < 0.0 || u + v > 1.0 {
                    continue;
                }
                let near = (1.0 - u - v) / a.depth + u / b.depth + v / c.depth;
                let i = y * self.width + x;
                if 1.0 / near < self.depth[i] {
                    self.set(i, color.map(|k| k * tint), 1.0 / near, kind);
                }
            }
        }
    }

    /// Darkens an ellipse softly; for the shadow of the head.
    pub(super) fn dim(&mut self, center: &Seen, rx: f32, ry: f32, strength: f32) {
        let low = |v: f32| v.floor().max(0.0) as usize;
        let high = |v: f32, most: usize| (v.ceil().max(0.0) as usize).min(most);
        for y in low(center.y - ry)..high(center.y + ry, self.height) {
            for x in low(center.x - rx)..high(center.x + rx, self.width) {
                let (ox, oy) = ((x as f32 - center.x) / rx, (y as f32 - center.y) / ry);
                let off = (ox * ox + oy * oy).min(1.0);
                let i = y * self.width + x;
                if self.kind[i] != Kind::Room {
                    let k = 1.0 - strength * (1.0 - off) * (1.0 - off);
                    self.shown[i] = self.shown[i].map(|c| (f32::from(c) * k) as u8);
                }
            }
        }
    }

    /// Calls `each` for the pixels within `reach` of the line's box.
    fn around(&mut self, a: &Seen, b: &Seen, reach: f32, mut each: impl FnMut(&mut Self, usize, f32, f32)) {
        let low = |v: f32| v.floor().max(0.0) as usize;
        let high = |v: f32, most: usize| (v.ceil().max(0.0) as usize).min(most);
        let (y0, y1) = (low(a.y.min(b.y) - reach), high(a.y.max(b.y) + reach, self.height));
        let (x0, x1) = (low(a.x.min(b.x) - reach), high(a.x.max(b.x) + reach, self.width));
        for y in y0..y1 {
            for x in x0..x1 {
                each(self, y * self.width + x, x as f32 + 0.5, y as f32 + 0.5);
            }
        }
    }
}

/// Returns how bright a face is that looks to `normal`, 0 to 1.
pub(super) fn light_on(normal: V3) -> f32 {
    // A second, weak light from the right keeps the far side from going flat.
    let fill = V3(0.8, -0.4, 0.3).unit();
    (normal.dot(lamp()).max(0.0) + 0.28 * normal.dot(fill).max(0.0)).min(1.1)
}
