//! Points in space, and the demo camera's place in it.

use std::ops::{Add, Mul, Sub};

/// A point or direction in mm: X right, Y away from the camera, Z up; the bed's corner is the origin.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct V3(pub(super) f32, pub(super) f32, pub(super) f32);

impl V3 {
    pub(super) fn dot(self, o: V3) -> f32 {
        self.0 * o.0 + self.1 * o.1 + self.2 * o.2
    }

    pub(super) fn cross(self, o: V3) -> V3 {
        V3(self.1 * o.2 - self.2 * o.1, self.2 * o.0 - self.0 * o.2, self.0 * o.1 - self.1 * o.0)
    }

    pub(super) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    pub(super) fn unit(self) -> V3 {
        self * (1.0 / self.length().max(1e-6))
    }

    pub(super) fn toward(self, o: V3, t: f32) -> V3 {
        self + (o - self) * t
    }
}

impl Add for V3 {
    type Output = V3;
    fn add(self, o: V3) -> V3 {
        V3(self.0 + o.0, self.1 + o.1, self.2 + o.2)
    }
}

impl Sub for V3 {
    type Output = V3;
    fn sub(self, o: V3) -> V3 {
        V3(self.0 - o.0, self.1 - o.1, self.2 - o.2)
    }
}

impl Mul<f32> for V3 {
    type Output = V3;
    fn mul(self, k: f32) -> V3 {
        V3(self.0 * k, self.1 * k, self.2 * k)
    }
}

impl From<[f32; 3]> for V3 {
    fn from([x, y, z]: [f32; 3]) -> V3 {
        V3(x, y, z)
    }
}

/// Where a point lies in the picture, and how far away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) x: f32,
    pub(super) y: f32,
    /// mm along the camera's axis.
    pub(super) depth: f32,
}

/// A camera without lens errors.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) eye: V3,
    pub(super) right: V3,
    pub(super) up: V3,
    pub(super) forward: V3,
    /// Pixels for one mm at one mm distance.
    pub(super) focal: f32,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl View {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let eye = V3(72.0, -158.0, 142.0);
        let forward = (V3(111.0, 112.0, 22.0) - eye).unit();
        let right = forward.cross(V3(0.0, 0.0, 1.0)).unit();
        let up = right.cross(forward);
        Self { eye, right, up, forward, focal: width as f32 * 1.12, width, height }
    }

    pub(super) fn see(&self, p: V3) -> Seen {
        let d = p - self.eye;
        let depth = d.dot(self.forward).max(1.0);
        let scale = self.focal / depth;
        Seen {
            x: self.width as f32 / 2.0 + d.dot(self.right) * scale,
            y: self.height as f32 / 2.0 - d.dot(self.up) * scale,
            depth,
        }
    }

    /// Returns the direction in which the pixel looks.
    pub(super) fn ray(&self, x: f32, y: f32) -> V3 {
        let right = (x - self.width as f32 / 2.0) / self.focal;
        let up = (self.height as f32 / 2.0 - y) / self.focal;
        (self.forward + self.right * right + self.up * up).unit()
    }

    /// Returns a direction as the camera sees it: right, down, towards the camera.
    pub(super) fn turn(&self, d: V3) -> V3 {
        V3(d.dot(self.right), -d.dot(self.up), -d.dot(self.forward))
    }
}

/// Direction to the lamp.
pub(super) fn lamp() -> V3 {
    V3(-0.52, -0.38, 0.78).unit()
}
