//! The firmware's words.

use super::state::Machine;

const BANNER: &[&str] = &[
    "start",
    "External Reset",
    "Marlin 2.1.2",
    "echo: Last Updated: 2023-01-07 | Author: (demo)",
    "echo: Compiled: Nov 22 2026",
    "echo: Free Memory: 4096  PlannerBufferBytes: 1280",
    "echo:Hardcoded Default Settings Loaded",
    "//action:notification Demo printer ready",
    "//action:prompt_end",
];

const CAPABILITIES: &[(&str, u8)] = &[
    ("SERIAL_XON_XOFF", 0),
    ("BINARY_FILE_TRANSFER", 0),
    ("EEPROM", 1),
    ("AUTOREPORT_POS", 0),
    ("AUTOREPORT_TEMP", 1),
    ("PROGRESS", 0),
    ("PRINT_JOB", 1),
    ("AUTOLEVEL", 1),
    ("RUNOUT", 0),
    ("Z_PROBE", 1),
    ("BUILD_PERCENT", 1),
    ("HOST_ACTION_COMMANDS", 1),
    ("PROMPT_SUPPORT", 1),
    ("SDCARD", 1),
    ("AUTOREPORT_SD_STATUS", 1),
    ("EXTENDED_M20", 1),
    ("THERMAL_PROTECTION", 1),
    ("ARCS", 0),
    ("CHAMBER_TEMPERATURE", 0),
    ("BABYSTEPPING", 1),
];

/// The size of the bed and the height, mm.
pub(super) const SIZE_MM: [f64; 3] = [220.0, 220.0, 250.0];

impl Machine {
    pub(super) fn say_banner(&mut self) {
        BANNER.iter().for_each(|line| self.say(line));
    }

    pub(super) fn say_firmware(&mut self) {
        self.say(
            "FIRMWARE_NAME:Marlin 2.1.2 (Nov 22 2026 12:00:00) SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin \
             PROTOCOL_VERSION:1.0 MACHINE_TYPE:Demo printer EXTRUDER_COUNT:1 \
             UUID:cede2a2f-41a2-4748-9b12-c55c62f367ff",
        );
        for (name, on) in CAPABILITIES {
            self.say(&format!("Cap:{name}:{on}"));
        }
        self.say(&format!("Cap:EMERGENCY_PARSER:{}", u8::from(self.options.emergency_parser)));
        let [x, y, z] = SIZE_MM;
        let area = format!("{{min:{{x:0.00,y:0.00,z:0.00}},max:{{x:{x:.2},y:{y:.2},z:{z:.2}}}}}");
        self.say(&format!("area:{{full:{area},work:{area}}}"));
    }

    pub(super) fn temperatures(&mut self) -> String {
        let mut wobble = || f64::from(self.dice.signed()) * 0.08;
        let (t, b) = (self.hotend.actual_c() + wobble(), self.bed_heater.actual_c() + wobble() * 0.5);
        format!(
            " T:{t:.2} /{:.2} B:{b:.2} /{:.2} @:{} B@:{}",
            self.hotend.target_c(),
            self.bed_heater.target_c(),
            self.hotend.power(),
            self.bed_heater.power()
        )
    }

    /// Tells a bed that is a little high at the back left, and hollow in the middle.
    pub(super) fn say_mesh(&mut self) {
        self.say("Bilinear Leveling Grid:");
        self.say("      0      1      2      3      4");
        for y in 0..5 {
            let height = |x: i32| {
                let (dx, dy) = (f64::from(x - 2), f64::from(y - 2));
                -0.02 * dx + 0.03 * dy + 0.012 * (dx * dx + dy * dy) - 0.05
            };
            let row: Vec<String> = (0..5).map(|x| format!("{:+.3}", height(x))).collect();
            self.say(&format!(" {y} {}", row.join(" ")));
        }
    }

    pub(super) fn say_probe_offset(&mut self) {
        self.say(&format!("echo:  M851 X-40.00 Y-10.00 Z{:.2} ; (mm)", self.probe_z));
    }

    pub(super) fn say_position(&mut self) {
        let [x, y, z, e] = self.logical;
        let head = self.planner.head();
        let steps = [80.0, 80.0, 400.0].iter().zip(head).map(|(per_mm, mm)| (per_mm * mm) as i64);
        let [sx, sy, sz]: [i64; 3] =
            steps.collect::<Vec<_>>().try_into().expect("three axes give three counts");
        self.say(&format!("X:{x:.2} Y:{y:.2} Z:{z:.2} E:{e:.2} Count X:{sx} Y:{sy} Z:{sz}"));
    }
}
