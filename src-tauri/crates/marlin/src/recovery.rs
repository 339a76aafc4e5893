//! The lines that come before the rest of a file whose print was cut short.
//!
//! What they rest on: the part is where it was, and nobody has turned the Z axis since. Only X and Y are homed, never Z:
//! the nozzle would come down on the part. The nozzle is hot before anything moves, since it may be frozen into the part.

use crate::program::Place;
use crate::recipe::{LOW_MACHINE_MM, clamped_lift, num};
use domain::COLD_BELOW_C;

/// The head goes up so far before it homes, mm.
const LIFT_MM: f64 = 5.0;
/// Filament that is pushed out beside the part, for what oozed away while it heated, mm.
const PRIME_MM: f64 = 8.0;
/// The same filament is pulled back for the way to the part, mm.
const BACK_MM: f64 = 1.0;

/// What is to be hot, degrees Celsius.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RecoveryTargets {
    /// The active hotend.
    pub hotend_c: f64,
    /// The bed; 0 is off.
    pub bed_c: f64,
}

/// Returns the lines that lead to `place`, where the rest of the file begins.
///
/// # Errors
/// With the reason, for people, when a print cannot be taken up there.
pub fn recovery_lines(
    place: &Place,
    heat: RecoveryTargets,
    max_z_mm: Option<f64>,
) -> Result<Vec<String>, String> {
    if heat.hotend_c < COLD_BELOW_C {
        return Err("the file had not heated the hotend yet: start it from its beginning".into());
    }
    if place.z <= 0.0 {
        return Err("the print had not laid down anything yet: start it from its beginning".into());
    }
    let lift = clamped_lift(LIFT_MM, place.z, max_z_mm.unwrap_or(LOW_MACHINE_MM.max(place.z + LIFT_MM)));
    // The printer may have been left in inches.
    let mut lines: Vec<String> = place.inches.then(|| "G21".into()).into_iter().collect();
    if heat.bed_c > 0.0 {
        lines.push(format!("M190 S{}", num(heat.bed_c)));
    }
    if let Some(tool) = place.tool {
        lines.push(format!("T{tool}"));
    }
    lines.push(format!("M109 S{}", num(heat.hotend_c)));
    lines.push(format!("G92 Z{}", num(place.z)));
    lines.push("G91".into());
    lines.push(format!("G1 Z{} F300", num(lift)));
    lines.push("G90".into());
    lines.push("G28 X Y".into());
    lines.push("M83".into());
    lines.push(format!("G1 E{} F120", num(PRIME_MM)));
    lines.push(format!("G1 E-{} F1800", num(BACK_MM)));
    lines.push(format!("G1 X{} Y{} F6000", num(place.x), num(place.y)));
    lines.push(format!("G1 Z{} F300", num(place.z)));
    lines.push(format!("G1 E{} F1800", num(BACK_MM)));
    lines.push(format!("G92 E{}", num(place.e)));
    if !place.absolute {
        lines.push("G91".into());
    }
    // Behind G91, which some firmwares take for filament, too.
    if place.e_absolute {
        lines.push("M82".into());
    }
    if let Some(fan) = place.fan {
        lines.push(if fan == 0 { "M107".into() } else { format!("M106 S{fan}") });
    }
    if place.feed > 0.0 {
        lines.push(format!("G1 F{}", num(place.feed)));
    }
    if place.inches {
        lines.push("G20".into());
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_heats_then_lifts_then_homes_but_never_z() {
        let place =
            Place { x: 12.5, y: 30.0, z: 4.2, e: 310.5, feed: 1800.0, fan: Some(128), ..Place::default() };
        let lines =
            recovery_lines(&place, RecoveryTargets { hotend_c: 205.0, bed_c: 60.0 }, Some(180.0)).unwrap();
        assert_eq!(
            lines.join("|"),
            "M190 S60|M109 S205|G92 Z4.2|G91|G1 Z5 F300|G90|G28 X Y|M83|G1 E8 F120|G1 E-1 F1800|G1 X12.5 Y30 F6000|\
             G1 Z4.2 F300|G1 E1 F1800|G92 E310.5|M82|M106 S128|G1 F1800"
        );
        assert!(lines.iter().all(|line| !line.starts_with("G28") || !line.contains('Z')));
    }

    #[test]
    fn the_modes_of_the_file_come_back_and_the_lift_stays_within_the_machine() {
        let place = Place { z: 179.0, absolute: false, e_absolute: false, tool: Some(1), ..Place::default() };
        let lines =
            recovery_lines(&place, RecoveryTargets { hotend_c: 240.0, bed_c: 0.0 }, Some(180.0)).unwrap();
        assert_eq!(lines[..3], ["T1", "M109 S240", "G92 Z179"]);
        assert!(lines.contains(&"G1 Z1 F300".to_owned()));
        assert_eq!(lines.last().map(String::as_str), Some("G91"));
        assert!(!lines.contains(&"M82".to_owned()));
        let both = Place { e_absolute: true, ..place };
        let lines =
            recovery_lines(&both, RecoveryTargets { hotend_c: 240.0, bed_c: 0.0 }, Some(180.0)).unwrap();
        assert_eq!(lines[lines.len() - 2..], ["G91", "M82"], "G91 makes filament relative on new Marlins");
    }

    #[test]
    fn nothing_is_taken_up_cold_or_from_nowhere() {
        let place = Place { z: 1.0, ..Place::default() };
        assert!(recovery_lines(&place, RecoveryTargets::default(), None).is_err());
        assert!(
            recovery_lines(&Place::default(), RecoveryTargets { hotend_c: 200.0, bed_c: 0.0 }, None).is_err()
        );
    }
}
