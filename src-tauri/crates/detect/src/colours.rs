//! A picture in a few thousand coloured cells: by it what was laid on the bed is told from the empty bed.

use crate::Picture;
use domain::{COLOUR_COLUMNS, COLOUR_ROWS};

/// Rows that are read at most: enough for means, and a fraction of a millisecond at any size.
pub(crate) const ROWS_READ: usize = 96;

/// Returns the mean red, green and blue of each cell, row by row. A cell without a pixel, in a picture smaller than the
/// cells, is as the one before it.
pub(crate) fn colours_of(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let begins: Vec<usize> = (0..=COLOUR_COLUMNS).map(|c| (c * width).div_ceil(COLOUR_COLUMNS) * 3).collect();
    let mut sums = vec![([0_u32; 3], 0_u32); COLOUR_COLUMNS * COLOUR_ROWS];
    let every = height.div_ceil(ROWS_READ).max(1);
    for y in (0..height).step_by(every) {
        let row = &picture.pixels[y * width * 3..(y + 1) * width * 3];
        let first = y * COLOUR_ROWS / height * COLOUR_COLUMNS;
        for ((sum, pixels), ends) in sums[first..first + COLOUR_COLUMNS].iter_mut().zip(begins.windows(2)) {
            let cell = &row[ends[0]..ends[1]];
            for pixel in cell.chunks_exact(3) {
                sum.iter_mut().zip(pixel).for_each(|(sum, &of)| *sum += u32::from(of));
            }
            *pixels += (cell.len() / 3) as u32;
        }
    }
    let mut last = [0; 3];
    let means = sums.iter().flat_map(|(sum, pixels)| {
        if *pixels > 0 {
            last = sum.map(|of| (of / pixels) as u8);
        }
        last
    });
    means.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_is_the_mean_of_its_pixels_at_any_size() {
        for (width, height) in [(128_u32, 96_u32), (640, 480), (1280, 720), (3840, 2160)] {
            // Red rises to the right, green falls downwards, blue is a chequer of 50 and 150.
            let pixels = (0..height).flat_map(|y| {
                (0..width).flat_map(move |x| {
                    [(x * 255 / width) as u8, 255 - (y * 255 / height) as u8, 50 + 100 * (x % 2) as u8]
                })
            });
            let colours = colours_of(&Picture { width, height, pixels: pixels.collect() });
            assert_eq!(colours.len(), COLOUR_COLUMNS * COLOUR_ROWS * 3);
            for (at, cell) in colours.chunks_exact(3).enumerate() {
                let (column, row) = (at % COLOUR_COLUMNS, at / COLOUR_COLUMNS);
                let red = (column as f32 + 0.5) / COLOUR_COLUMNS as f32 * 255.0;
                let green = 255.0 - (row as f32 + 0.5) / COLOUR_ROWS as f32 * 255.0;
                assert!((f32::from(cell[0]) - red).abs() < 4.0, "{width} {column}: {cell:?}");
                assert!((f32::from(cell[1]) - green).abs() < 6.0, "{width} {row}: {cell:?}");
                assert!(cell[2].abs_diff(100) <= 8, "{width} {column}: {cell:?}");
            }
        }
    }

    #[test]
    fn a_picture_smaller_than_the_cells_has_no_holes() {
        let colours = colours_of(&Picture { width: 3, height: 2, pixels: [10, 20, 30].repeat(6) });
        assert!(colours.chunks_exact(3).all(|cell| cell == [10, 20, 30]));
    }
}
