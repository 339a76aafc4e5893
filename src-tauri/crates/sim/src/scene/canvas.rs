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
const AMBIENT: f32 = 0.38;
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

    /// Returns the picture at half the size, each pixel made brighter or darker by `tone`.
    pub(super) fn halved(&self, tone: impl Fn(usize, usize) -> f32) -> Canvas {
        let mut half = Canvas::new(self.width / 2, self.height / 2);
        for y in 0..half.height {
            for x in 0..half.width {
                let i = 2 * y * self.width + 2 * x;
                let four = [i, i + 1, i + self.width, i + self.width + 1];
                let sum = |c: usize| four.iter().map(|i| f32::from(self.shown[*i][c])).sum::<f32>();
                let color = std::array::from_fn(|c| sum(c) / 4.0 * tone(x, y));
                half.set(y * half.width + x, color, self.depth[i], self.kind[i]);
            }
        }
        half
    }

    /// Takes over what `other` shows.
    pub(super) fn show(&mut self, other: &Canvas) {
        self.shown.copy_from_slice(&other.shown);
        self.depth.copy_from_slice(&other.depth);
        self.kind.copy_from_slice(&other.kind);
    }

    /// Lays `color` over a pixel, opaque by `share`; it becomes the surface when it covers most of it.
    fn blend(&mut self, i: usize, color: [f32; 3], share: f32, depth: f32, kind: Kind) {
        self.mix(i, color, share);
        if share > 0.5 {
            self.set(i, self.shown[i].map(f32::from), depth, kind);
        }
    }

    /// Lays `color` over a pixel, opaque by `share`, and leaves the surface what it is.
    fn mix(&mut self, i: usize, color: [f32; 3], share: f32) {
        let under = self.shown[i];
        let mixed: [f32; 3] = std::array::from_fn(|c| f32::from(under[c]) * (1.0 - share) + color[c] * share);
        let shade = self.shade[i].max(DARKEST);
        self.shown[i] = mixed.map(|c| c.clamp(0.0, 255.0) as u8);
        self.lit[i] = mixed.map(|c| (c / shade).clamp(0.0, 255.0) as u8);
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

    /// Fills a flat convex face of the room or the head; what is nearer wins.
    ///
    /// Strands throw no shadows on these, so their light is not kept.
    pub(super) fn face(&mut self, view: &View, corners: &[V3], color: [f32; 3]) {
        let kind = Kind::Room;
        let seen: Vec<Seen> = corners.iter().map(|p| view.see(*p)).collect();
        let normal = (corners[1] - corners[0]).cross(corners[2] - corners[0]).unit();
        let facing = if normal.dot(corners[0] - view.eye) > 0.0 { normal * -1.0 } else { normal };
        let bright = AMBIENT + (1.0 - AMBIENT) * light_on(facing);
        let Some(near) = nearness(&seen) else { return };
        let edges = edges(&seen);
        let low = seen.iter().map(|s| s.y).fold(f32::MAX, f32::min).floor().max(0.0);
        let high = seen.iter().map(|s| s.y).fold(f32::MIN, f32::max).ceil().clamp(0.0, self.height as f32);
        for y in low as usize..high as usize {
            let py = y as f32 + 0.5;
            // A soft fall of light down each face: flat faces look drawn.
            let tint = bright * (1.05 - 0.13 * (py - low) / (high - low).max(1.0));
            let (from, to) = crossing(&edges, py, -1.0, self.width);
            // Between these no edge is near: nothing to mix, and one colour a row.
            let (inner_from, inner_to) = crossing(&edges, py, 0.0, self.width);
            let flat = color.map(|k| (k * tint).clamp(0.0, 255.0) as u8);
            for x in from..to {
                let px = x as f32 + 0.5;
                let depth = 1.0 / (near[0] * px + near[1] * py + near[2]);
                let i = y * self.width + x;
                if depth >= self.depth[i] {
                    continue;
                }
                if x > inner_from && x + 1 < inner_to {
                    (self.shown[i], self.depth[i], self.kind[i]) = (flat, depth, kind);
                    continue;
                }
                let inside = edges.iter().map(|[ex, ey, e]| ex * px + ey * py + e).fold(f32::MAX, f32::min);
                if inside >= 0.0 {
                    (self.shown[i], self.depth[i], self.kind[i]) = (flat, depth, kind);
                } else if inside > -1.0 {
                    self.mix(i, color.map(|k| k * tint), inside + 1.0);
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

/// Returns the lines along a convex outline, positive inside, in pixels.
fn edges(seen: &[Seen]) -> Vec<[f32; 3]> {
    let ahead = |i: usize| &seen[(i + 1) % seen.len()];
    let area: f32 = (0..seen.len()).map(|i| seen[i].x * ahead(i).y - ahead(i).x * seen[i].y).sum();
    let edge = |i: usize| {
        let (a, b) = (&seen[i], ahead(i));
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let scale = area.signum() / dx.hypot(dy).max(1e-6);
        [-dy * scale, dx * scale, (dy * a.x - dx * a.y) * scale]
    };
    (0..seen.len()).map(edge).collect()
}

/// Returns the pixels of a row where every edge is further inside than `least`.
fn crossing(edges: &[[f32; 3]], y: f32, least: f32, width: usize) -> (usize, usize) {
    let (mut from, mut to) = (0.0f32, width as f32);
    for [ex, ey, e] in edges {
        let x = (least - ey * y - e) / ex;
        if *ex > 1e-6 {
            from = from.max(x);
        } else if *ex < -1e-6 {
            to = to.min(x);
        } else if ey * y + e < least {
            return (0, 0);
        }
    }
    (from.floor() as usize, (to.ceil().max(0.0) as usize).min(width))
}

/// Returns how 1 / depth changes over the picture, which is linear: for x, for y, and at the corner.
fn nearness(seen: &[Seen]) -> Option<[f32; 3]> {
    let (a, b, c) = (&seen[0], &seen[1], &seen[seen.len() - 1]);
    let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if area.abs() < 0.05 {
        return None;
    }
    let (na, nb, nc) = (1.0 / a.depth, 1.0 / b.depth, 1.0 / c.depth);
    let x = ((nb - na) * (c.y - a.y) - (nc - na) * (b.y - a.y)) / area;
    let y = ((nc - na) * (b.x - a.x) - (nb - na) * (c.x - a.x)) / area;
    Some([x, y, na - x * a.x - y * a.y])
}

/// Returns how bright a face is that looks to `normal`, 0 to 1.
pub(super) fn light_on(normal: V3) -> f32 {
    // A second, weak light from the right keeps the far side from going flat.
    let fill = V3(0.8, -0.4, 0.3).unit();
    (normal.dot(lamp()).max(0.0) + 0.28 * normal.dot(fill).max(0.0)).min(1.1)
}
