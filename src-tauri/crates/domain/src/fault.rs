//! What can go wrong at a printer, by kind.

use crate::Heater;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a printer takes no more lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HaltCause {
    /// A person pressed emergency stop, and the printer confirmed it or was reset.
    EmergencyStop,
    /// A person pressed emergency stop, and nothing shows that the printer heard it.
    EmergencyUnanswered,
    /// The firmware said that it stopped.
    Firmware,
    /// The firmware said that it is being switched off.
    PowerOff,
    /// The thread at the port failed: the app switched the heaters off and halted the printer.
    ThreadDied,
}

/// What is wrong with a heater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeaterFaultKind {
    /// The firmware says that the heater or its sensor is at fault.
    Firmware,
    /// The target that the file or a person set is not reported any more.
    TargetLost,
    /// The target that was set was never reported.
    TargetMissing,
    /// It is told to heat, and the temperature does not rise.
    NotHeating,
    /// The temperature falls though the target stands.
    Cooling,
    /// The printer refused to push filament because it is too cold.
    ColdExtrusion,
}

/// A heater is not as it was set.
#[derive(Debug, Clone, PartialEq)]
pub struct HeaterFault {
    /// Which, where it is known.
    pub heater: Option<Heater>,
    /// What is wrong.
    pub kind: HeaterFaultKind,
    /// What was set, degrees Celsius.
    pub wanted_c: Option<f64>,
    /// What is reported, degrees Celsius.
    pub actual_c: Option<f64>,
    /// The firmware's words, where it said something.
    pub said: Option<String>,
}

impl HeaterFault {
    /// Says what is wrong, for people: one sentence.
    pub fn words(&self) -> String {
        let name = self.heater.map_or("A heater".to_owned(), Heater::name);
        let wanted = self.wanted_c.map(|c| format!("{c:.0} °C")).unwrap_or("its temperature".into());
        let now = self.actual_c.map(|c| format!(" It is at {c:.0} °C.")).unwrap_or_default();
        let said =
            self.said.as_deref().map(|said| format!(" The printer says: “{said}”.")).unwrap_or_default();
        let what = match self.kind {
            HeaterFaultKind::Firmware => format!("{name} is at fault."),
            HeaterFaultKind::TargetLost => format!("{name} was set to {wanted} and is not any more."),
            HeaterFaultKind::TargetMissing => format!("{name} was to be set to {wanted} and is not."),
            HeaterFaultKind::NotHeating => format!("{name} does not get to {wanted}."),
            HeaterFaultKind::Cooling => format!("{name} cools down though it is set to {wanted}."),
            HeaterFaultKind::ColdExtrusion => "The nozzle is too cold to push filament.".to_owned(),
        };
        format!("{what}{now}{said}")
    }
}

impl Heater {
    /// Returns its name for people, at the beginning of a sentence: "Nozzle 1", "The bed".
    pub fn name(self) -> String {
        match self {
            Self::Hotend(n) => format!("Nozzle {}", u16::from(n) + 1),
            Self::Bed => "The bed".into(),
            Self::Chamber => "The chamber".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_what_is_known_of_it() {
        let fault = HeaterFault {
            heater: Some(Heater::Hotend(0)),
            kind: HeaterFaultKind::Cooling,
            wanted_c: Some(205.0),
            actual_c: Some(171.6),
            said: None,
        };
        assert_eq!(fault.words(), "Nozzle 1 cools down though it is set to 205 °C. It is at 172 °C.");
        let said = Some("heater seems decoupled".to_owned());
        let bare = HeaterFault {
            heater: None,
            kind: HeaterFaultKind::Firmware,
            wanted_c: None,
            actual_c: None,
            said,
        };
        assert_eq!(bare.words(), "A heater is at fault. The printer says: “heater seems decoupled”.");
    }
}
