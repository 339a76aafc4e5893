//! The icon with a dot that says from afar how grave it is.

use super::words::Mood;
use tauri::image::Image;

/// Returns the icon as it is, or with a dot in the lower right corner.
pub(super) fn dotted(icon: &Image<'_>, mood: Mood) -> Image<'static> {
    let (width, height) = (icon.width(), icon.height());
    let mut rgba = icon.rgba().to_vec();
    if let Some(colour) = colour(mood) {
        let radius = f64::from(width.min(height)) * 0.28;
        let centre = (f64::from(width) - radius, f64::from(height) - radius);
        for (pixel, bytes) in (0_u32..).zip(rgba.chunks_exact_mut(4)) {
            let (x, y) = (f64::from(pixel % width) + 0.5, f64::from(pixel / width) + 0.5);
            let away = (x - centre.0).hypot(y - centre.1);
            if away <= radius {
                // A rim of white, so that it stands out from the icon and from any panel.
                let inside = away <= radius * 0.78;
                bytes.copy_from_slice(if inside { &colour } else { &[255, 255, 255, 255] });
            }
        }
    }
    Image::new_owned(rgba, width, height)
}

fn colour(mood: Mood) -> Option<[u8; 4]> {
    match mood {
        Mood::Calm => None,
        Mood::Attention => Some([230, 150, 20, 255]),
        Mood::Alert => Some([214, 40, 40, 255]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_red_in_the_corner_and_calm_changes_nothing() {
        let icon = Image::new_owned(vec![7; 32 * 32 * 4], 32, 32);
        assert_eq!(dotted(&icon, Mood::Calm).rgba(), icon.rgba());
        let alert = dotted(&icon, Mood::Alert);
        let pixel = |x: usize, y: usize| alert.rgba()[(y * 32 + x) * 4..][..3].to_vec();
        assert_eq!(pixel(23, 23), [214, 40, 40]);
        assert_eq!(pixel(2, 2), [7, 7, 7]);
    }
}
