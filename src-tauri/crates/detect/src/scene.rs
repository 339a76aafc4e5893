//! What a picture is like as a picture: brightness, sharpness, and a very small copy of it.

use crate::Picture;
use crate::colours::{ROWS_READ, colours_of};
use domain::{SCENE_COLUMNS, SCENE_ROWS, Scene};

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
    // Where each column of the small copy begins, and the end of the last.
    let begins: Vec<usize> = (0..=SCENE_COLUMNS).map(|c| (c * width).div_ceil(SCENE_COLUMNS)).collect();
    let mut lights = vec![0_u8; width];
    // Each figure is one plain pass over a row of bytes: compilers make wide instructions of such.
    for y in (0..height).step_by(every) {
        let row = &picture.pixels[y * width * 3..(y + 1) * width * 3];
        for (light, pixel) in lights.iter_mut().zip(row.chunks_exact(3)) {
            *light = luma(pixel);
        }
        let first = y * SCENE_ROWS / height * SCENE_COLUMNS;
        for (cell, ends) in sums[first..first + SCENE_COLUMNS].iter_mut().zip(begins.windows(2)) {
            let of_cell = total(&lights[ends[0]..ends[1]], u32::from);
            cell.0 += of_cell;
            cell.1 += (ends[1] - ends[0]) as u32;
            sum += u64::from(of_cell);
        }
        squares += u64::from(total(&lights, |light| u32::from(light) * u32::from(light)));
        dark += u64::from(total(&lights, |light| u32::from(light < BLACK_BELOW)));
        bright += u64::from(total(&lights, |light| u32::from(light > WHITE_ABOVE)));
        let pairs = lights.iter().zip(lights.get(1..).unwrap_or_default());
        step_sum += u64::from(pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>());
        steps += width.saturating_sub(1) as u64;
        pixels += width as u64;
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
        colours: colours_of(picture),
    }
}

/// Adds up what each light of a row counts; no row is long enough to overflow it.
fn total(lights: &[u8], of: impl Fn(u8) -> u32) -> u32 {
    lights.iter().map(|&light| of(light)).sum()
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

    #[test]
    fn the_passes_come_to_what_a_slow_count_says() {
        let noise = |x: u32, y: u32| (x * 31 + y * 17 + x * y % 13 * 40) as u8;
        for (width, height) in [(1, 1), (37, 23), (641, 90)] {
            let scene = scene_of(&picture(width, height, noise));
            let lights: Vec<f64> = (0..height)
                .flat_map(|y| (0..width).map(move |x| f64::from(luma(&[noise(x, y); 3]))))
                .collect();
            let n = lights.len() as f64;
            let share = |of: fn(f64) -> bool| lights.iter().filter(|&&v| of(v)).count() as f64 / n;
            let mean = lights.iter().sum::<f64>() / n;
            let contrast = (lights.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
            let rows = lights.chunks(width as usize);
            let steps: f64 = rows.flat_map(|row| row.windows(2).map(|p| (p[0] - p[1]).abs())).sum();
            let sharpness = steps / f64::from((height * (width - 1)).max(1));
            let near = |got: f32, want: f64| assert!((f64::from(got) - want).abs() < 0.01, "{got} {want}");
            near(scene.mean, mean);
            near(scene.contrast, contrast);
            near(scene.dark, share(|v| v < 16.0));
            near(scene.bright, share(|v| v > 250.0));
            near(scene.sharpness, sharpness);
        }
    }
}
