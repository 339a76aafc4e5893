//! Pictures of the demo camera without a core: the sample print, frame by frame.

use camera::Rgb;
use domain::Now;
use sim::{Scene, SimOptions, SimPrinter, sample_gcode};

/// Prints the sample and returns `count` frames, one per `every_ms` from `from_ms` of the clock on. With `tangle`, the
/// print comes loose so many milliseconds after its first extruding move.
///
/// # Panics
/// When the print ends before there are enough.
pub fn demo_pictures(tangle: Option<u64>, from_ms: u64, every_ms: u64, count: usize) -> Vec<Rgb> {
    let options = SimOptions { tangle_after_clock_ms: tangle, ..SimOptions::default() };
    let mut scene = Scene::new(1280, 720, options.seed);
    let mut printer = SimPrinter::new(options, Now::at(0));
    let (mut ms, mut frame_at) = (2_000, from_ms);
    let mut seen = Vec::new();
    printer.advance(Now::at(ms));
    printer.take_output(usize::MAX);
    for line in sample_gcode().lines().filter(|line| !line.starts_with(';')) {
        printer.receive(format!("{line}\n").as_bytes(), Now::at(ms));
        while !String::from_utf8_lossy(&printer.take_output(usize::MAX)).contains("ok") {
            ms += 50;
            printer.advance(Now::at(ms));
            if ms < frame_at {
                continue;
            }
            frame_at += every_ms;
            scene.follow(printer.bed());
            seen.push(scene.picture(&printer.state()));
            if seen.len() == count {
                return seen;
            }
        }
    }
    panic!("the sample print ended after {} pictures", seen.len());
}
