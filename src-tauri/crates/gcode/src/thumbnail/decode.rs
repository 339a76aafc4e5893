//! From a thumbnail in a form that browsers do not read to its pixels.

use super::pixels::{Pixels, fitting};
use super::qoi;
use crate::{Thumbnail, ThumbnailFormat};

impl Thumbnail {
    /// Returns the picture as pixels, where it is in a form that browsers do not read; `None` also when it is damaged.
    pub fn pixels(&self) -> Option<Pixels> {
        match self.format {
            ThumbnailFormat::Png | ThumbnailFormat::Jpg => None,
            ThumbnailFormat::Qoi => qoi::decode(&self.bytes),
            ThumbnailFormat::Rgba => {
                let whole = self.bytes.len() == fitting(self.width, self.height)? * 4;
                let (width, height) = (self.width, self.height);
                whole.then(|| Pixels { width, height, rgba: self.bytes.clone() })
            }
        }
    }
}
