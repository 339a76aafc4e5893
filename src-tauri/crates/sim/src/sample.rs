//! The print of the demo: a hexagonal planter, twisted a little, sliced by the lines below.

use crate::machine::{Fault, SimOptions, SimPrinter};
use domain::{Millis, Now};
use std::f64::consts::TAU;
use std::fmt::Write;
use std::sync::OnceLock;

/// The file's name, as people see it.
pub const SAMPLE_NAME: &str = "Demo planter.gcode";

/// Where the planter stands.
const CENTER: [f64; 2] = [110.0, 110.0];
const LAYERS: u32 = 130;
const LAYER_MM: f64 = 0.28;
const LINE_MM: f64 = 0.45;
const BOTTOM_LAYERS: u32 = 3;
/// Points on each side of the hexagon.
const PER_SIDE: u32 = 2;
/// mm of filament for each mm of line.
const E_PER_MM: f64 = LAYER_MM * LINE_MM / 2.405;

/// Returns the demo's print as G-code: about half an hour, 130 layers, under 6000 lines.
pub fn sample_gcode() -> &'static str {
    static GCODE: OnceLock<String> = OnceLock::new();
    GCODE.get_or_init(slice)
}

fn slice() -> String {
    let mut file = File::default();
    (0..LAYERS).for_each(|layer| file.layer(layer));
    let Path { body, secs, e, .. } = file.path;
    let minutes = secs / 60.0;
    format!(
        ";FLAVOR:Marlin\n;TIME:{secs:.0}\n;Filament used: {:.4}m\n;Layer height: {LAYER_MM}\n\
         ;MINX:82\n;MINY:10\n;MAXX:138\n;MAXY:138\n\
         ; A hexagonal planter, about {minutes:.0} minutes\n\
         ;LAYER_COUNT:{LAYERS}\n\
         M140 S60\nM105\nM190 S60\nM104 S205\nM105\nM109 S205\n\
         M82 ;absolute extrusion mode\nG28 ;home\nG92 E0\nM83\n\
         G1 Z2 F600\nG1 X10 Y10 F6000\nG1 Z0.28 F600\n\
         G1 X90 Y10 E5 F1200 ;purge line\nG1 X90 Y10.5 F3000\nG1 X10 Y10.5 E5 F1200\nG1 Z2 F600\n\
         G1 E-1.5 F2400\n{body}\
         ;TIME_ELAPSED:{secs:.1}\n\
         G1 E-3 F2400\nG91\nG1 Z10 F600\nG90\nG1 X10 Y200 F6000\nM107\nM104 S0\nM140 S0\nM84 X Y E\n;End of Gcode\n",
        e / 1e3
    )
}

#[derive(Default)]
struct File {
    path: Path,
}

/// G-code under construction, and where it stands.
#[derive(Default)]
struct Path {
    body: String,
    at: [f64; 2],
    secs: f64,
    e: f64,
}

impl Path {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{text}").expect("a string takes everything");
    }

    fn travel(&mut self, to: [f64; 2]) {
        self.secs += distance(self.at, to) / 100.0;
        self.line(format_args!("G0 X{:.3} Y{:.3} F6000", to[0], to[1]));
        self.at = to;
    }

    fn draw(&mut self, to: [f64; 2], feed: f64) {
        let mm = distance(self.at, to);
        let e = mm * E_PER_MM;
        self.secs += mm / feed * 60.0;
        self.e += e;
        self.line(format_args!("G1 X{:.3} Y{:.3} E{e:.5} F{feed:.0}", to[0], to[1]));
        self.at = to;
    }
}

impl File {
    fn layer(&mut self, layer: u32) {
        let z = LAYER_MM * f64::from(layer + 1);
        let path = &mut self.path;
        path.line(format_args!(";LAYER:{layer}"));
        if layer == 1 {
            path.line(format_args!("M106 S255"));
        }
        path.line(format_args!("G0 Z{z:.2} F600"));
        let (outer, inner) = if layer == 0 { (900.0, 900.0) } else { (1380.0, 1620.0) };
        for (name, inset, feed) in [("WALL-INNER", LINE_MM, inner), ("WALL-OUTER", 0.0, outer)] {
            path.line(format_args!(";TYPE:{name}"));
            let points = outline(layer, inset);
            path.travel(points[0]);
            if layer == 0 && inset > 0.0 {
                path.line(format_args!("G1 E1.5 F2400"));
            }
            points[1..].iter().chain(&points[..1]).for_each(|p| path.draw(*p, feed));
        }
        if layer < BOTTOM_LAYERS {
            path.line(format_args!(";TYPE:SKIN"));
            fill(path, layer);
        }
        let secs = path.secs;
        path.line(format_args!(";TIME_ELAPSED:{secs:.1}"));
    }
}

fn radius(layer: u32) -> f64 {
    let share = f64::from(layer) / f64::from(LAYERS);
    20.5 + 5.5 * (share * 1.9).sin()
}

/// Returns the corners and side points of a layer, `inset` mm inside its outer edge.
fn outline(layer: u32, inset: f64) -> Vec<[f64; 2]> {
    let twist = TAU / 9.0 * f64::from(layer) / f64::from(LAYERS);
    let corner = |i: u32| {
        let angle = twist + TAU * f64::from(i % 6) / 6.0;
        let r = radius(layer) - inset / (TAU / 12.0).cos();
        [CENTER[0] + r * angle.cos(), CENTER[1] + r * angle.sin()]
    };
    let points = (0..6).flat_map(|i| {
        let (a, b) = (corner(i), corner(i + 1));
        (0..PER_SIDE).map(move |k| {
            let t = f64::from(k) / f64::from(PER_SIDE);
            [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
        })
    });
    points.collect()
}

/// Lines to and fro, turned by a right angle each layer, within the circle that fits into the hexagon.
fn fill(path: &mut Path, layer: u32) {
    let r = (radius(layer) * (TAU / 12.0).cos()) - 1.2;
    let lines = (2.0 * r / (LINE_MM * 1.1)) as i32;
    for i in 0..=lines {
        let across = -r + 2.0 * r * f64::from(i) / f64::from(lines);
        let half = (r * r - across * across).max(0.0).sqrt() * if i % 2 == 0 { 1.0 } else { -1.0 };
        let place = |along: f64| match layer % 2 {
            0 => [CENTER[0] + along, CENTER[1] + across],
            _ => [CENTER[0] + across, CENTER[1] + along],
        };
        path.travel(place(-half));
        path.draw(place(half), if layer == 0 { 1200.0 } else { 2400.0 });
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Prints the sample on a printer of its own, faster than any clock.
pub struct SampleRun {
    printer: SimPrinter,
    lines: Box<dyn Iterator<Item = &'static str> + Send>,
    waits: bool,
    ms: Millis,
    trouble: Option<String>,
}

impl SampleRun {
    /// Switches a printer on.
    pub fn new(options: SimOptions) -> Self {
        let lines = sample_gcode().lines().filter(|l| !l.starts_with(';')).chain(["M400"]);
        let mut printer = SimPrinter::new(options, Now::at(0));
        printer.advance(Now::at(2_000));
        printer.take_output(usize::MAX);
        Self { printer, lines: Box::new(lines), waits: false, ms: 2_000, trouble: None }
    }

    /// Prints on until `ms` after power on. Returns whether there is more to print.
    pub fn until(&mut self, ms: Millis) -> bool {
        while self.ms < ms {
            let said = String::from_utf8_lossy(&self.printer.take_output(usize::MAX)).into_owned();
            if said.contains("Error") || said.contains("Unknown") {
                self.trouble.get_or_insert(said.clone());
            }
            if self.waits && !said.contains("ok") {
                self.ms += 20;
                self.printer.advance(Now::at(self.ms));
                continue;
            }
            let Some(line) = self.lines.next() else { return false };
            self.printer.receive(format!("{line}\n").as_bytes(), Now::at(self.ms));
            self.waits = true;
        }
        true
    }

    /// Switches a fault of the printer on or off.
    pub fn set_fault(&mut self, fault: Fault, on: bool) {
        self.printer.set_fault(fault, on, Now::at(self.ms));
    }

    /// Returns the printer as it stands.
    pub fn printer(&self) -> &SimPrinter {
        &self.printer
    }

    /// Returns the milliseconds since power on.
    pub fn ms(&self) -> Millis {
        self.ms
    }

    /// Returns the first complaint of the firmware.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_sliced_as_promised() {
        let gcode = sample_gcode();
        assert!(gcode.lines().count() < 6_000, "{} lines", gcode.lines().count());
        assert_eq!(gcode.matches(";LAYER:").count(), LAYERS as usize);
        assert!(gcode.lines().all(|l| l.len() < 90), "no line is too long for the firmware");
        assert!(gcode.is_ascii());
    }

    #[test]
    fn it_prints_in_about_half_an_hour_with_one_line_in_flight() {
        let mut run = SampleRun::new(SimOptions::default());
        assert!(!run.until(3_600_000), "it ends within an hour");
        assert_eq!(run.trouble(), None);
        let minutes = run.ms() as f64 / 60e3;
        assert!((25.0..45.0).contains(&minutes), "{minutes} minutes");
        let strands = run.printer().bed().strands();
        let tallest = strands.iter().map(|s| s.to[2]).fold(0.0, f32::max);
        assert!((tallest - 36.4).abs() < 0.1, "{tallest} mm tall");
        assert!(strands.len() > 3_000);
    }
}
