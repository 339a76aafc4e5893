//! A picture as pixels.

/// The most pixels of a picture that we decode.
pub const MOST_PIXELS: usize = 1 << 20;

/// A picture as pixels, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green, blue and opacity of each.
    pub rgba: Vec<u8>,
}

impl Pixels {
    /// Makes a picture of colours of 16 bits; `None` when they are not as many as its size says.
    pub(super) fn of_565(width: u32, height: u32, colours: &[u16]) -> Option<Self> {
        let fits = colours.len() == fitting(width, height)?;
        fits.then(|| Self { width, height, rgba: colours.iter().flat_map(|c| rgba(*c)).collect() })
    }
}

/// Returns the number of pixels of a picture that is neither empty nor too large.
pub(super) fn fitting(width: u32, height: u32) -> Option<usize> {
    let count = (width as usize).checked_mul(height as usize)?;
    (1..=MOST_PIXELS).contains(&count).then_some(count)
}

/// Five, six and five bits, spread over eight each.
fn rgba(colour: u16) -> [u8; 4] {
    let (r, g, b) = (colour >> 11, (colour >> 5) & 63, colour & 31);
    [(r << 3 | r >> 2) as u8, (g << 2 | g >> 4) as u8, (b << 3 | b >> 2) as u8, 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_white_and_a_wrong_size_is_no_picture() {
        let white = Pixels::of_565(2, 1, &[0xffff, 0xf800]).unwrap();
        assert_eq!(white.rgba, [255, 255, 255, 255, 255, 0, 0, 255]);
        assert_eq!(Pixels::of_565(2, 2, &[0]), None);
        assert_eq!(Pixels::of_565(u32::MAX, u32::MAX, &[]), None);
    }
}
