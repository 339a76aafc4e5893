//! What slicers say about the lines that follow, in comments.

/// What a line of plastic is for. Its number is its kind in [`super::LayerGeometry::to_bytes`]; 0 is a travel move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Feature {
    /// The slicer does not say.
    #[default]
    Unknown = 1,
    /// The visible wall.
    OuterWall = 2,
    /// Walls behind it.
    InnerWall = 3,
    /// A wall over air.
    Overhang = 4,
    /// Dense infill.
    SolidInfill = 5,
    /// Sparse infill.
    SparseInfill = 6,
    /// The top or bottom skin.
    Skin = 7,
    /// Infill over air.
    Bridge = 8,
    /// Gaps between walls.
    GapFill = 9,
    /// Support.
    Support = 10,
    /// Support where it touches the model.
    SupportInterface = 11,
    /// Skirt, brim, raft.
    Adhesion = 12,
    /// Purge tower.
    PurgeTower = 13,
    /// Ironing.
    Ironing = 14,
    /// Start, end and other code of the user's own.
    Custom = 15,
}

impl Feature {
    /// Returns the feature of a number.
    pub fn from_number(number: u8) -> Option<Self> {
        use Feature::*;
        const ALL: [Feature; 15] = [
            Unknown,
            OuterWall,
            InnerWall,
            Overhang,
            SolidInfill,
            SparseInfill,
            Skin,
            Bridge,
            GapFill,
            Support,
            SupportInterface,
            Adhesion,
            PurgeTower,
            Ironing,
            Custom,
        ];
        ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Understands the names that PrusaSlicer, SuperSlicer, OrcaSlicer, Bambu Studio, Cura, Simplify3D and ideaMaker use.
    fn named(name: &[u8]) -> Self {
        let name = name.to_ascii_lowercase();
        let has = |word: &[u8]| name.windows(word.len()).any(|w| w == word);
        let table: &[(&[u8], Self)] = &[
            // Narrower names first.
            (b"interface", Self::SupportInterface),
            (b"dense support", Self::SupportInterface),
            (b"support", Self::Support),
            (b"overhang", Self::Overhang),
            (b"outer wall", Self::OuterWall),
            (b"wall-outer", Self::OuterWall),
            (b"external perimeter", Self::OuterWall),
            (b"outer perimeter", Self::OuterWall),
            (b"inner wall", Self::InnerWall),
            (b"wall-inner", Self::InnerWall),
            (b"perimeter", Self::InnerWall),
            (b"bridge", Self::Bridge),
            (b"gap", Self::GapFill),
            (b"ironing", Self::Ironing),
            (b"top solid", Self::Skin),
            (b"top surface", Self::Skin),
            (b"bottom surface", Self::Skin),
            (b"skin", Self::Skin),
            (b"solid", Self::SolidInfill),
            (b"fill", Self::SparseInfill),
            (b"skirt", Self::Adhesion),
            (b"brim", Self::Adhesion),
            (b"raft", Self::Adhesion),
            (b"tower", Self::PurgeTower),
            (b"prime", Self::PurgeTower),
            (b"custom", Self::Custom),
        ];
        table.iter().find(|(word, _)| has(word)).map_or(Self::Unknown, |(_, feature)| *feature)
    }
}

/// What the slicer last said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Marks {
    pub(crate) feature: Feature,
    pub(crate) width_mm: Option<f32>,
    pub(crate) height_mm: Option<f32>,
}

impl Marks {
    /// Takes in a comment line.
    pub(super) fn take(&mut self, raw: &[u8]) {
        let comment = raw.trim_ascii().strip_prefix(b";").unwrap_or_default().trim_ascii_start();
        let after = |mark: &[u8]| comment.strip_prefix(mark).map(<[u8]>::trim_ascii);
        match comment.first() {
            Some(b'T') => after(b"TYPE:").map(|name| self.feature = Feature::named(name)),
            Some(b'F') => after(b"FEATURE:").map(|name| self.feature = Feature::named(name)),
            Some(b'f') => after(b"feature ").map(|name| self.feature = Feature::named(name)),
            Some(b'W') => after(b"WIDTH:").map(|n| self.width_mm = size(n)),
            Some(b'H') => after(b"HEIGHT:").map(|n| self.height_mm = size(n)),
            Some(b'L') => after(b"LINE_WIDTH:")
                .map(|n| self.width_mm = size(n))
                .or_else(|| after(b"LAYER_HEIGHT:").map(|n| self.height_mm = size(n))),
            Some(_) | None => None,
        };
    }
}

/// Reads a size that a line of plastic can have, mm.
fn size(text: &[u8]) -> Option<f32> {
    std::str::from_utf8(text).ok()?.parse().ok().filter(|n| (0.01..=10.0).contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slicers_names_are_understood() {
        let table = [
            (";TYPE:External perimeter", Feature::OuterWall),
            (";TYPE:Perimeter", Feature::InnerWall),
            (";TYPE:Overhang perimeter", Feature::Overhang),
            (";TYPE:Top solid infill", Feature::Skin),
            (";TYPE:Solid infill", Feature::SolidInfill),
            (";TYPE:Internal infill", Feature::SparseInfill),
            (";TYPE:Bridge infill", Feature::Bridge),
            (";TYPE:Skirt/Brim", Feature::Adhesion),
            (";TYPE:WALL-OUTER", Feature::OuterWall),
            (";TYPE:SUPPORT-INTERFACE", Feature::SupportInterface),
            ("; FEATURE: Inner wall", Feature::InnerWall),
            ("; FEATURE: Bottom surface", Feature::Skin),
            ("; feature outer perimeter", Feature::OuterWall),
            (";TYPE:Wipe tower", Feature::PurgeTower),
            (";TYPE:Custom", Feature::Custom),
            (";TYPE:something new", Feature::Unknown),
        ];
        for (line, want) in table {
            let mut marks = Marks::default();
            marks.take(line.as_bytes());
            assert_eq!(marks.feature, want, "{line}");
        }
    }

    #[test]
    fn sizes_are_read_within_reason() {
        let mut marks = Marks::default();
        for line in [";WIDTH:0.45", "; LAYER_HEIGHT: 0.2"] {
            marks.take(line.as_bytes());
        }
        assert_eq!((marks.width_mm, marks.height_mm), (Some(0.45), Some(0.2)));
        marks.take(b";WIDTH:nan");
        assert_eq!(marks.width_mm, None);
    }

    #[test]
    fn numbers_and_features_belong_together() {
        for number in 1..=15 {
            assert_eq!(Feature::from_number(number).map(|f| f as u8), Some(number));
        }
        assert_eq!((Feature::from_number(0), Feature::from_number(16)), (None, None));
    }
}
