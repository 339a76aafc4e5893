//! What a firmware has and lacks for safety, in plain words.

use crate::{MachineProfile, SafetyGrade, SafetyNote};

impl MachineProfile {
    /// Returns what this firmware has and lacks, the gravest first. What it says of itself is not proof, and the texts
    /// say so.
    pub fn safety(&self) -> Vec<SafetyNote> {
        let mut notes = vec![
            self.thermal_protection(),
            self.emergency_parser(),
            self.keep_alive(),
            self.auto_report(),
            power_loss(),
            dead_man(),
        ];
        notes.sort_by_key(|note| match note.grade {
            SafetyGrade::Danger => 0,
            SafetyGrade::Unknown => 1,
            SafetyGrade::Lacking => 2,
            SafetyGrade::Good => 3,
        });
        notes
    }

    fn says(&self, capability: &str) -> Option<bool> {
        self.capabilities.get(capability).copied()
    }

    fn thermal_protection(&self) -> SafetyNote {
        // Its maker's builds have it switched on, though they do not say so.
        let known_good = self.firmware.starts_with("Prusa-Firmware");
        let (grade, text) = match self.says("THERMAL_PROTECTION") {
            Some(true) => (
                SafetyGrade::Good,
                "The firmware says that it switches off when a heater does not get warm as it should. Nothing here can \
                 prove it.",
            ),
            None if known_good => (
                SafetyGrade::Good,
                "This maker's firmware is known to watch its heaters, though it does not say so.",
            ),
            Some(false) => (
                SafetyGrade::Danger,
                "The firmware says that it does not watch its heaters. If a sensor slips out, the heater goes on until \
                 something burns, and no app can stop that in time. Update the firmware, and do not leave the printer \
                 alone.",
            ),
            None => (
                SafetyGrade::Unknown,
                "The firmware does not say whether it watches its heaters. Printers sold before about 2019 often came \
                 without. Look for \"thermal runaway protection\" of your model, and update the firmware if in doubt.",
            ),
        };
        note("thermal_protection", grade, "Watches its heaters", text)
    }

    fn emergency_parser(&self) -> SafetyNote {
        let (grade, text) = match self.says("EMERGENCY_PARSER") {
            Some(true) => (
                SafetyGrade::Good,
                "The firmware says that it hears STOP even while it heats or waits. Some say so and are deaf all the \
                 same: if nothing happens within a second, the board is reset, and the printer's own switch is always \
                 the surest way.",
            ),
            Some(false) | None => (
                SafetyGrade::Lacking,
                "While it heats, homes or waits, this firmware may hear STOP and cancel only afterwards. STOP therefore \
                 resets the board after a second; boards with a USB port of their own cannot be reset so: switch the \
                 printer off at its switch.",
            ),
        };
        note("emergency_parser", grade, "Hears STOP while busy", text)
    }

    fn keep_alive(&self) -> SafetyNote {
        let (grade, text) = if self.busy_protocol {
            (
                SafetyGrade::Good,
                "It says so while it works, so a printer that hangs is noticed within seconds.",
            )
        } else {
            (
                SafetyGrade::Unknown,
                "It was not seen to say that it is busy yet. If it never does, a long command cannot be told from a \
                 printer that hangs, and the app waits longer before it warns.",
            )
        };
        note("host_keepalive", grade, "Says when it is busy", text)
    }

    fn auto_report(&self) -> SafetyNote {
        let (grade, text) = match self.says("AUTOREPORT_TEMP") {
            Some(true) => {
                (SafetyGrade::Good, "Temperatures come by themselves, also while a command takes long.")
            }
            Some(false) | None => (
                SafetyGrade::Lacking,
                "Temperatures are asked for every few seconds; while a command takes long, the last ones stay on the \
                 screen.",
            ),
        };
        note("autoreport", grade, "Reports temperatures by itself", text)
    }
}

fn power_loss() -> SafetyNote {
    note(
        "power_loss",
        SafetyGrade::Lacking,
        "After a power cut",
        "Heaters are off when the power comes back, and nothing goes on by itself. Printvigil notes how far a print came \
         and offers to take it up at that height, which delta printers cannot do. What the firmware itself may offer \
         works for prints from its own SD card only.",
    )
}

fn dead_man() -> SafetyNote {
    note(
        "dead_man",
        SafetyGrade::Unknown,
        "If this computer dies",
        "No app can switch heaters off when its computer has stopped. Most firmwares know the line \"M85 S600\": ten \
         minutes without a move, and everything goes off. If you print alone, add it to the start G-code of your slicer \
         and try it once. Long heating counts as standing still, so do not choose less.",
    )
}

fn note(code: &str, grade: SafetyGrade, title: &str, text: &str) -> SafetyNote {
    SafetyNote { code: code.into(), grade, title: title.into(), text: text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grade(profile: &MachineProfile, code: &str) -> SafetyGrade {
        profile.safety().iter().find(|note| note.code == code).expect("always told").grade
    }

    #[test]
    fn what_a_firmware_does_not_say_is_never_called_good() {
        let mut profile = MachineProfile { firmware: "Marlin 1.1.9".into(), ..MachineProfile::default() };
        assert_eq!(grade(&profile, "thermal_protection"), SafetyGrade::Unknown);
        assert_eq!(grade(&profile, "emergency_parser"), SafetyGrade::Lacking);
        assert!(profile.safety().iter().all(|note| note.grade != SafetyGrade::Good));
        profile.capabilities.insert("THERMAL_PROTECTION".into(), false);
        assert_eq!(profile.safety()[0].grade, SafetyGrade::Danger, "the gravest first");
        profile.capabilities.insert("THERMAL_PROTECTION".into(), true);
        profile.busy_protocol = true;
        assert_eq!(grade(&profile, "thermal_protection"), SafetyGrade::Good);
        assert_eq!(grade(&profile, "host_keepalive"), SafetyGrade::Good);
    }
}
