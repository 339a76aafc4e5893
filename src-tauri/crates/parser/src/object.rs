//! What becomes of a command inside an object of the print that is left out.

use crate::parse::{Command, NAMED};

/// What becomes of a command inside an object that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectHandling {
    /// It moves the head or the filament: it is not sent, and followed, so that what comes behind goes on at its end.
    Follow,
    /// It waits: it is not sent.
    Drop,
    /// It moves nothing, and what comes behind may need it: it is sent.
    Pass,
    /// What it does beside is not known, or the head has to be where the file has it: an object with such a command
    /// cannot be left out.
    Unfit,
}

impl Command<'_> {
    /// Returns what becomes of this command inside an object of the print that is left out.
    pub fn object_handling(&self) -> ObjectHandling {
        use ObjectHandling::{Drop, Follow, Pass, Unfit};
        match self.code() {
            ('G', 0..=3 | 5) => Follow,
            ('G', 4) => Drop,
            // With these it is about tools and coordinates.
            ('G', 10) if self.has('P') || self.has('L') => Unfit,
            ('G', 10 | 11) => Follow,
            ('G', 92) if !self.has_axis() && self.has('E') => Follow,
            ('G', 90 | 91) => Pass,
            (
                'M',
                73
                | 82
                | 83
                | 104..=107
                | 109
                | 117
                | 140
                | 141
                | 190
                | 191
                | 201..=205
                | 220
                | 221
                | 300
                | 400
                | 486
                | 566
                | 572
                | 593
                | 900,
            ) => Pass,
            (NAMED, _) => {
                let name = self.name().to_ascii_uppercase();
                let known = ["EXCLUDE_OBJECT", "SET_VELOCITY_LIMIT", "SET_PRESSURE_ADVANCE", "SET_FAN_SPEED"];
                if known.iter().any(|known| name.starts_with(known)) { Pass } else { Unfit }
            }
            _ => Unfit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_is_followed_and_what_is_not_known_makes_an_object_unfit() {
        use ObjectHandling::{Drop, Follow, Pass, Unfit};
        for (line, want) in [
            ("G1 X1 E2", Follow),
            ("G0 Z3", Follow),
            ("G2 X1 I2 E1", Follow),
            ("G92 E0", Follow),
            ("G92 E0 X1", Unfit),
            ("G92", Unfit),
            ("G10", Follow),
            ("G10 P0 S200", Unfit),
            ("G11", Follow),
            ("G4 P200", Drop),
            ("G28", Unfit),
            ("G20", Unfit),
            ("G91", Pass),
            ("M83", Pass),
            ("M106 S90", Pass),
            ("M486 S1", Pass),
            ("M600", Unfit),
            ("T1", Unfit),
            ("X10 Y5", Unfit),
            ("PRINT_MACRO", Unfit),
            ("exclude_object_end NAME=a", Pass),
            ("SET_PRESSURE_ADVANCE ADVANCE=0.04", Pass),
        ] {
            assert_eq!(Command::of(line).map(|c| c.object_handling()), Some(want), "{line}");
        }
    }
}
