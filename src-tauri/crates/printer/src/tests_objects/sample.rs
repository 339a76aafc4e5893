//! Files of several objects, as slicers write them, and different for each number.

/// Numbers that look random and are the same in each run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }

    pub(super) fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Returns a file of several layers with as many objects, labelled in one of four ways.
pub(super) fn file(dice: &mut Dice, objects: u64) -> String {
    let style = dice.below(4);
    let (relative_e, by_firmware, lifts) = (dice.once_in(2), dice.once_in(4), dice.once_in(2));
    let in_sequence = dice.once_in(4);
    let mut e = 0.0_f64;
    let mut text = String::from("M140 S60\nM104 S205\nG28\nM190 S60\nM109 S205\nG21\nG90\n");
    text += if relative_e { "M83\n" } else { "M82\n" };
    let mut push = |text: &mut String, by: f64, rest: &str, dice: &mut Dice| {
        if relative_e {
            *text += &format!("G1{rest} E{by:.5}\n");
            return;
        }
        if e > 5.0 && dice.once_in(9) {
            *text += "G92 E0\n";
            e = 0.0;
        }
        e = ((e + by) * 1e5).round() / 1e5;
        *text += &format!("G1{rest} E{e:.5}\n");
    };
    // The skirt is no object's.
    text += "G1 Z0.2 F600\nG1 X5 Y5 F6000\n";
    push(&mut text, 2.0, " X180 Y5 F1200", dice);
    let layers = 2 + dice.below(4);
    let turns: Vec<(u64, u64)> = if in_sequence {
        (0..objects).flat_map(|object| (0..layers).map(move |layer| (object, layer))).collect()
    } else {
        (0..layers).flat_map(|layer| (0..objects).map(move |object| (object, layer))).collect()
    };
    for (turn, (object, layer)) in turns.into_iter().enumerate() {
        let (x, y) = (20 + 40 * (object % 4), 30 + 40 * (object / 4));
        let z = 0.2 * (layer + 1) as f64;
        let (begin, end) = match style {
            0 => (
                format!("; printing object Part id:{object} copy 0\n"),
                format!("; stop printing object Part id:{object}\n"),
            ),
            1 => (format!("M486 S{object}\n"), "M486 S-1\n".into()),
            2 => (
                format!("EXCLUDE_OBJECT_START NAME=p{object}\n"),
                format!("EXCLUDE_OBJECT_END NAME=p{object}\n"),
            ),
            _ => (format!(";MESH:p{object}\n"), ";MESH:NONMESH\n".into()),
        };
        let label_first = dice.once_in(2);
        if label_first {
            text += &begin;
        }
        if by_firmware {
            text += "G10\n";
        } else {
            push(&mut text, -0.8, " F2100", dice);
        }
        if in_sequence || lifts {
            text += &format!("G1 Z{:.2} F600\n", if in_sequence { 5.0 } else { z + 0.4 });
        }
        text += &format!("G0 X{x} Y{y} F7200\n");
        text += &format!("G1 Z{z:.2} F600\n");
        if !label_first {
            text += &begin;
        }
        if by_firmware {
            text += "G11\n";
        } else {
            push(&mut text, 0.8, " F2100", dice);
        }
        for step in 0..1 + dice.below(6) {
            let (dx, dy) = (dice.below(20), dice.below(20));
            match dice.below(12) {
                0 => text += &format!("M106 S{}\n", dice.below(256)),
                1 => text += "M204 S900\n",
                2 => {
                    text += "G91\n";
                    if !relative_e {
                        text += "M82\n";
                    }
                    push(&mut text, 0.3, " X1 Y0.5 F1500", dice);
                    text += "G90\n";
                    text += if relative_e { "M83\n" } else { "M82\n" };
                }
                3 => text += "G4 P1\n",
                4 => text += &format!("G1 F{}\n", 900 + 100 * dice.below(9)),
                _ => {
                    let at = format!(" X{} Y{}.{}", x + dx, y + dy, step);
                    push(&mut text, 0.1 + dice.below(9) as f64 / 10.0, &at, dice);
                }
            }
        }
        // Each turn ends on a way of its own.
        push(&mut text, 0.5, &format!(" X{} Y{} F1800", x + 21, y + turn as u64 % 3), dice);
        text += &end;
        if dice.once_in(6) {
            text += "M104 S204\n";
        }
    }
    text += "G91\nG1 Z5 F600\nG90\nG1 X0 Y200 F6000\nM104 S0\nM140 S0\nM84\n";
    text
}
