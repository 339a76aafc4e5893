//! Prints seconds, filament and speed of files, beside what their slicers claim at the end.

use gcode::{summarise_for, tail_limits, tail_settings};
use std::fs::File;

#[allow(clippy::disallowed_methods)] // A measurement is about real time.
fn main() {
    for path in std::env::args().skip(1) {
        let open = || File::open(&path).expect("it can be opened");
        let limits = tail_limits(open()).expect("it can be read");
        let claims = tail_settings(open()).expect("it can be read");
        let of = |key: &str| claims.get(key).map_or("?", String::as_str);
        let known = limits.is_some();
        let start = std::time::Instant::now();
        match summarise_for(open(), limits.unwrap_or_default()) {
            Ok(sum) => println!(
                "{path}: {:.0} s (claim {}), {:.1} mm (claim {}), {} layers, limits known: {known}, {:.1} ms, {} commands",
                sum.estimated_secs,
                of("estimated printing time (normal mode)"),
                sum.filament_mm,
                of("filament used [mm]"),
                sum.layers,
                start.elapsed().as_secs_f64() * 1e3,
                sum.lines
            ),
            Err(error) => println!("{path}: {error}"),
        }
    }
}
