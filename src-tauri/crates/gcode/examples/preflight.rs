//! Prints what is wrong with files for a usual printer: 220 x 220 x 250 mm, one extruder, Marlin.

use domain::{Area, MachineProfile};
use gcode::preflight::{Machine, preflight};
use std::fs::File;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let profile = MachineProfile {
        firmware: "Marlin 2.1.2".into(),
        machine: "Ender-3 Pro".into(),
        area_mm: Some(Area { min: [0.0; 3], max: [220.0, 220.0, 250.0] }),
        extruders: 1,
        ..MachineProfile::default()
    };
    for path in std::env::args().skip(1) {
        println!("{path}");
        let metadata = gcode::metadata(File::open(&path)?)?;
        match gcode::summarise(File::open(&path)?) {
            Ok(sum) => {
                let machine = Machine { profile: Some(&profile), max_z_mm: 0.0 };
                for finding in preflight(&sum, &metadata, &machine) {
                    println!("  {:?}: {}. {}", finding.severity, finding.what, finding.cure);
                }
                println!("  {:?}", gcode::weigh(&sum, &metadata));
            }
            Err(error) => println!("  {error}"),
        }
    }
    Ok(())
}
