//! Klipper's own names.

use domain::Heater;

/// Tools of the largest machines; numbers beyond are no heater's.
const MOST_TOOLS: u8 = 16;

/// Returns the heater that Klipper calls so: `extruder`, `extruder1`, `heater_bed`.
pub(crate) fn klipper_heater(name: &str) -> Option<Heater> {
    match name.to_ascii_lowercase().as_str() {
        "extruder" => Some(Heater::Hotend(0)),
        "heater_bed" => Some(Heater::Bed),
        other => {
            let tool: u8 = other.strip_prefix("extruder")?.parse().ok()?;
            (1..MOST_TOOLS).contains(&tool).then_some(Heater::Hotend(tool))
        }
    }
}
