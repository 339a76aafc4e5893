//! Work by hand, in what each host knows: a function of its agent, or lines of G-code.

use crate::commands::pass;
use domain::Tool;
use serde_json::{Value, json};

/// How something is done.
pub(crate) enum Way {
    /// By these messages.
    Messages(Vec<Value>),
    /// By lines of G-code.
    Lines(Vec<String>),
}

/// Returns how something is done by hand, where the host can. `reference` numbers a message.
pub(crate) fn way(tool: &Tool, is_moonraker: bool, mut reference: impl FnMut() -> String) -> Option<Way> {
    let one = |line: String| Some(Way::Lines(vec![line]));
    match tool {
        Tool::Jog { x, y, z, .. } => {
            // One axis a message: OctoPrint's agent turns the first one round where it is inverted, and no other.
            let moved = [("x", *x), ("y", *y), ("z", *z)].into_iter().filter(|(_, mm)| *mm != 0.0);
            let jog = |(axis, mm): (&str, f64)| pass(&reference(), "_printer", "jog", &json!([{ axis: mm }]));
            Some(Way::Messages(moved.map(jog).collect()))
        }
        Tool::MotorsOff => one("M84".into()),
        Tool::SelectTool { tool } => one(format!("T{tool}")),
        Tool::Fan { percent: 0 } => one("M107".into()),
        Tool::Fan { percent } => one(format!("M106 S{}", u32::from((*percent).min(100)) * 255 / 100)),
        Tool::Speed { percent } => one(format!("M220 S{percent}")),
        Tool::Flow { percent } => one(format!("M221 S{percent}")),
        Tool::BabyStep { mm } if is_moonraker => one(format!("SET_GCODE_OFFSET Z_ADJUST={mm:.3} MOVE=1")),
        Tool::BabyStep { mm } => one(format!("M290 Z{mm:.3}")),
        Tool::Extrude { mm, mm_per_s } if is_moonraker => Some(Way::Lines(vec![
            "SAVE_GCODE_STATE NAME=printvigil".into(),
            "M83".into(),
            format!("G1 E{mm:.3} F{:.0}", mm_per_s * 60.0),
            "RESTORE_GCODE_STATE NAME=printvigil".into(),
        ])),
        Tool::Extrude { mm, mm_per_s } => {
            let args = json!([mm, (mm_per_s * 60.0).round()]);
            Some(Way::Messages(vec![pass(&reference(), "_printer", "extrude", &args)]))
        }
        Tool::Lines(lines) => Some(Way::Lines(lines.clone())),
        Tool::SaveZ { .. }
        | Tool::LevelPoint { .. }
        | Tool::CancelObject { .. }
        | Tool::KeepObject { .. }
        | Tool::PauseAt { .. }
        | Tool::Answer { .. }
        | Tool::ProbeMesh
        | Tool::ReadMesh
        | Tool::Send { .. }
        | Tool::Macro { .. } => None,
    }
}
