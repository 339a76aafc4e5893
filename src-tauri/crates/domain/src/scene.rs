//! What a picture is like as a picture, whatever it shows: by this a covered, dark or frozen camera is noticed.

use serde::{Deserialize, Serialize};

/// Width of the small picture of a scene, pixels.
pub const SCENE_COLUMNS: usize = 32;
/// Height of the small picture of a scene, pixels.
pub const SCENE_ROWS: usize = 24;
/// Width of the coloured picture of a scene, cells.
pub const COLOUR_COLUMNS: usize = 64;
/// Height of the coloured picture of a scene, cells.
pub const COLOUR_ROWS: usize = 48;

/// A picture in a few numbers, and very small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Mean brightness, 0 to 255.
    pub mean: f32,
    /// Share of pixels darker than 16, 0 to 1.
    pub dark: f32,
    /// Share of pixels brighter than 250, 0 to 1.
    pub bright: f32,
    /// Mean step of brightness between neighbours, 0 to 255: small in blurred and in empty pictures.
    pub sharpness: f32,
    /// Spread of the brightness (standard deviation), 0 to 128.
    pub contrast: f32,
    /// [`SCENE_COLUMNS`] x [`SCENE_ROWS`] bytes of brightness, row by row.
    pub small: Vec<u8>,
    /// [`COLOUR_COLUMNS`] x [`COLOUR_ROWS`] cells, row by row, each the mean of its red, green and blue: fine enough to see
    /// what was laid on the bed. Empty where nobody asked for it.
    pub colours: Vec<u8>,
}

impl Scene {
    /// Returns whether its numbers can be those of a picture.
    pub fn is_sound(&self) -> bool {
        let numbers = [self.mean, self.dark, self.bright, self.sharpness, self.contrast];
        numbers.iter().all(|number| (0.0..=255.0).contains(number))
            && self.small.len() == SCENE_COLUMNS * SCENE_ROWS
            && [0, COLOUR_COLUMNS * COLOUR_ROWS * 3].contains(&self.colours.len())
    }
}
