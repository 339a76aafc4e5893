//! What a picture is like as a picture: brightness, sharpness, and a very small copy of it.

use crate::Picture;
use domain::{SCENE_COLUMNS, SCENE_ROWS, Scene};

/// Rows that are read at most: enough for means, and a fraction of a millisecond at any size.
const ROWS_READ: usize = 192;
/// Darker than this is black.
const BLACK_BELOW: u8 = 16;
/// Brighter than this is white.
const WHITE_ABOVE: u8 = 250;

/// Returns the scene of a picture.
pub(crate) fn scene_of(picture: &Picture) -> Scene {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let mut sums = vec![(0_u32, 0_u32); SCENE_COLUMNS * SCENE_ROWS];
    let (mut pixels, mut sum, mut squares) = (0_u64, 0_u64, 0_u64);
    let (mut dark, mut bright, mut steps, mut step_sum) = (0_u64, 0_u64, 0_u64, 0_u64);
    let every = height.div_ceil(ROWS_READ).max(1);
    for y in (0..height).step_by(every) {
        let row = &picture.pixels[y * width * 3..(y + 1) * width * 3];
        let cells = y * SCENE_ROWS / height * SCENE_COLUMNS;
        let mut before: Option<u8> = None;
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            let light = luma(pixel);
            let cell = &mut sums[cells + x * SCENE_COLUMNS / width];
            cell.0 += u32::from(light);
            cell.1 += 1;
            sum += u64::from(light);
            squares += u64::from(light) * u64::from(light);
            dark += u64::from(light < BLACK_BELOW);
            bright += u64::from(light > WHITE_ABOVE);
            if let Some(before) = before {
                step_sum += u64::from(before.abs_diff(light));
                steps += 1;
            }
            before = Some(light);
            pixels += 1;
        }
    }
    let n = pixels.max(1) as f64;
    let mean = sum as f64 / n;
    Scene {
        mean: mean as f32,
        dark: (dark as f64 / n) as f32,
        bright: (bright as f64 / n) as f32,
        sharpness: (step_sum as f64 / steps.max(1) as f64) as f32,
        contrast: (squares as f64 / n - mean * mean).max(0.0).sqrt() as f32,
        small: filled(&sums),
    }
}

/// Brightness as the eye weighs colours (BT.601, in 256ths).
fn luma(pixel: &[u8]) -> u8 {
    ((77 * u32::from(pixel[0]) + 150 * u32::from(pixel[1]) + 29 * u32::from(pixel[2])) >> 8) as u8
}

/// The mean of each cell; one without a pixel (in a picture smaller than the cells) is as its neighbour before.
fn filled(sums: &[(u32, u32)]) -> Vec<u8> {
    let mut last = 0;
    sums.iter()
        .map(|&(sum, pixels)| {
            if let Some(mean) = sum.checked_div(pixels) {
                last = mean as u8;
            }
            last
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, of: impl Fn(u32, u32) -> u8) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = pixels.flat_map(|(x, y)| [of(x, y); 3]).collect();
        Picture { width, height, pixels }
    }

    #[test]
    fn means_shares_and_steps_are_those_of_the_pixels_at_any_size() {
        for (width, height) in [(160, 120), (640, 480), (1280, 720), (3840, 2160)] {
            // A chequer of 100 and 200 in single columns; the lower quarter is white.
            let scene = scene_of(&picture(width, height, |x, y| {
                if y * 4 >= height * 3 { 255 } else { 100 + 100 * (x % 2) as u8 }
            }));
            assert!((scene.mean - 176.0).abs() < 2.5, "{width}: {}", scene.mean);
            assert!((scene.bright - 0.25).abs() < 0.02, "{width}: {}", scene.bright);
            assert!((scene.sharpness - 75.0).abs() < 2.0, "{width}: {}", scene.sharpness);
            assert_eq!(scene.dark, 0.0);
            assert_eq!(scene.small.len(), SCENE_COLUMNS * SCENE_ROWS);
            assert!(scene.small[0].abs_diff(150) < 12 && scene.small[SCENE_COLUMNS * SCENE_ROWS - 1] == 255);
        }
    }

    #[test]
    fn a_picture_smaller_than_its_small_copy_has_no_holes() {
        let scene = scene_of(&picture(3, 2, |_, _| 90));
        assert!(scene.small.iter().all(|&v| v.abs_diff(90) <= 1), "{:?}", scene.small);
        assert!(scene.contrast < 0.1 && scene.sharpness == 0.0);
    }
}
