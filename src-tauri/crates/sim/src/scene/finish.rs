//! From the drawn picture to what a cheap camera would give: noise, a soft lens, a caption.

use crate::machine::Dice;

/// Noise of a small sensor, drawn from one table.
#[derive(Debug, Clone)]
pub(super) struct Sensor {
    noise: Vec<i8>,
    blurred: Vec<u8>,
}

const TABLE: usize = 1 << 16;
/// How strong, in steps of 255, before the lens softens it.
const GRAIN: f32 = 6.5;

impl Sensor {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x5e05);
        // The sum of three dice is near enough to a bell.
        let mut grain = || (dice.signed() + dice.signed() + dice.signed()) * GRAIN;
        Self { noise: (0..TABLE).map(|_| grain() as i8).collect(), blurred: Vec::new() }
    }

    /// Adds noise to `pixels` and softens them; `frame` decides which noise.
    pub(super) fn expose(&mut self, pixels: &mut [u8], width: usize, frame: u64) {
        let row = width * 3;
        let mut dice = Dice::new(frame);
        for line in pixels.chunks_exact_mut(row) {
            let from = dice.bits() as usize % (TABLE - row);
            for (pixel, noise) in line.iter_mut().zip(&self.noise[from..from + row]) {
                *pixel = pixel.saturating_add_signed(*noise);
            }
        }
        self.soften(pixels, row);
    }

    /// A 3 x 3 blur.
    fn soften(&mut self, pixels: &mut [u8], row: usize) {
        self.blurred.resize(pixels.len(), 0);
        for (from, to) in pixels.chunks_exact(row).zip(self.blurred.chunks_exact_mut(row)) {
            to.copy_from_slice(from);
            for ((to, left), (middle, right)) in
                to[3..row - 3].iter_mut().zip(from).zip(from[3..].iter().zip(&from[6..]))
            {
                *to = ((u16::from(*left) + 2 * u16::from(*middle) + u16::from(*right) + 2) >> 2) as u8;
            }
        }
        let lines = pixels.len() / row;
        for y in 1..lines - 1 {
            let above = &self.blurred[(y - 1) * row..y * row];
            let here = &self.blurred[y * row..(y + 1) * row];
            let below = &self.blurred[(y + 1) * row..(y + 2) * row];
            let to = &mut pixels[y * row..(y + 1) * row];
            for ((to, here), (above, below)) in to.iter_mut().zip(here).zip(above.iter().zip(below)) {
                *to = ((u16::from(*above) + 2 * u16::from(*here) + u16::from(*below) + 2) >> 2) as u8;
            }
        }
    }
}

/// "DEMO", five by seven dots a letter, a row a byte.
const LETTERS: [[u8; 7]; 4] = [
    [0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e],
    [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f],
    [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11],
    [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
];

/// Writes DEMO into the lower right corner.
pub(super) fn caption(pixels: &mut [u8], width: usize) {
    let dot = (width / 640).max(1);
    let height = pixels.len() / 3 / width;
    let (left, top) = (width - dot * 34, height - dot * 15);
    for (n, letter) in LETTERS.iter().enumerate() {
        for (row, bits) in letter.iter().enumerate() {
            for column in (0..5).filter(|c| bits >> (4 - c) & 1 == 1) {
                for i in 0..dot * dot {
                    let x = left + (n * 6 + column) * dot + i % dot;
                    let y = top + row * dot + i / dot;
                    let at = (y * width + x) * 3;
                    pixels[at..at + 3].iter_mut().for_each(|p| *p = (*p / 3).saturating_add(140));
                }
            }
        }
    }
}
