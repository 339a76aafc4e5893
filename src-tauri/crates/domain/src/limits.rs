//! Ranges of what can be set: one table, by which the hub refuses and from which the page's fields are made.

/// A range, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Name of the field in the API.
    pub field: &'static str,
    /// Least.
    pub min: f64,
    /// Most.
    pub max: f64,
    /// Unit, behind a blank; may be empty.
    pub unit: &'static str,
}

macro_rules! limits {
    ($($name:ident $field:literal $min:literal $max:literal $unit:literal),+ $(,)?) => {
        $(
            #[doc = concat!("Range of `", $field, "`.")]
            pub const $name: Limit = Limit { field: $field, min: $min, max: $max, unit: $unit };
        )+
        /// All ranges.
        pub const ALL: &[Limit] = &[$($name),+];
    };
}

limits! {
    SENSITIVITY "detective_sensitivity" 0.8 1.2 "",
    THRESHOLD "threshold" 0.5 2.0 "",
    RETRACT "retract_on_pause" 0.0 50.0 " mm",
    LIFT "lift_z_on_pause" 0.0 100.0 " mm",
    HEIGHT "max_z_mm" 10.0 5000.0 " mm",
    FILAMENT_DIAMETER "filament_diameter_mm" 1.0 4.0 " mm",
    SHORTEST_FILM "min_timelapse_secs" -1.0 604_800.0 " seconds (-1 is never)",
    BED_HOLD "bed_hold_mins" 0.0 1440.0 " minutes",
    OFFSET "temperature_offset" -50.0 50.0 " °C",
    BAUD "baud" 1200.0 2_000_000.0 "",
    KEEP_WARM "keep_warm_mins" 1.0 240.0 " minutes",
    IDLE_HEAT "idle_heat_mins" 1.0 240.0 " minutes",
    REMIND "remind_after_mins" 1.0 120.0 " minutes",
    COPIES "copies" 1.0 99.0 "",
    DENSITY "density" 0.3 15.0 " g/cm³",
    SPOOL_NET "net_g" 1.0 20_000.0 " g",
    SPOOL_EMPTY "empty_g" 0.0 5000.0 " g",
    SPOOL_PRICE "price" 0.0 100_000_000.0 "",
    SPOOL_HOTEND "hotend_c" 0.0 500.0 " °C",
    SPOOL_BED "bed_c" 0.0 200.0 " °C",
    LOW_SPOOL "low_g" 0.0 20_000.0 " g",
    WATTS "watts" 0.0 5000.0 " W",
    PER_KWH "per_kwh" 0.0 1_000_000.0 "",
}

impl Limit {
    /// Returns whether a value lies within; a NaN lies in no range.
    pub fn has(&self, value: f64) -> bool {
        (self.min..=self.max).contains(&value)
    }
}

/// Returns the table as TypeScript.
pub fn typescript() -> String {
    let mut text =
        "// Written by `cargo xtask bindings` from the table in `domain::limits`; do not edit.\n\n\
                    /** Ranges of what can be set, both ends included. */\nexport const LIMITS = {\n"
            .to_owned();
    for limit in ALL {
        text += &format!("  {}: {{ min: {}, max: {} }},\n", limit.field, limit.min, limit.max);
    }
    text + "} as const;\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_both_its_ends_and_nothing_beyond() {
        for limit in ALL {
            assert!(limit.min < limit.max, "{limit:?}");
            assert!(limit.has(limit.min) && limit.has(limit.max), "{limit:?}");
            for beyond in [limit.min - 0.1, limit.max + 0.1, f64::NAN, f64::INFINITY] {
                assert!(!limit.has(beyond), "{limit:?} {beyond}");
            }
        }
        assert!(typescript().contains("  lift_z_on_pause: { min: 0, max: 100 },\n"), "{}", typescript());
    }
}
