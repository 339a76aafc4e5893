//! The mesh of the bed, from the many ways in which firmwares print it.

use domain::Mesh;

/// Larger grids are noise.
const MOST: usize = 25;
/// Heights beyond this are noise, mm.
const HIGHEST_MM: f64 = 20.0;

/// Lines behind which a grid follows, in lower case.
const HEADS: [&str; 5] = [
    "bilinear leveling grid",
    "measured points",
    "bed topography report",
    "mesh bed level data",
    "bed level mesh",
];

/// Reads a grid line by line.
#[derive(Debug, Default)]
pub(crate) struct MeshReader {
    open: bool,
    /// The number before the row, where there is one, and the row.
    rows: Vec<(Option<usize>, Vec<Option<f64>>)>,
}

impl MeshReader {
    /// Takes a line. Returns the mesh when this line ends it.
    pub(crate) fn on_line(&mut self, line: &str) -> Option<Mesh> {
        let lower = line.to_ascii_lowercase();
        if HEADS.iter().any(|head| lower.contains(head)) {
            self.rows.clear();
            self.open = true;
            return None;
        }
        if !self.open || line.trim().is_empty() {
            return None;
        }
        if let Some(row) = row(line) {
            let fits = self.rows.first().is_none_or(|(_, first)| first.len() == row.1.len());
            if fits && self.rows.len() < MOST {
                self.rows.push(row);
                return None;
            }
        } else if !line.trim_start().starts_with("ok") && (self.rows.is_empty() || is_chatter(line)) {
            return None;
        }
        self.open = false;
        self.finish()
    }

    fn finish(&mut self) -> Option<Mesh> {
        let mut rows = std::mem::take(&mut self.rows);
        if rows.len() < 2 || rows.iter().all(|(_, row)| row.iter().all(Option::is_none)) {
            return None;
        }
        match rows.iter().map(|(n, _)| *n).collect::<Option<Vec<usize>>>() {
            // Some print the back first; the numbers tell.
            Some(_) => rows.sort_by_key(|(n, _)| *n),
            // Without numbers it is Prusa's way: the back first.
            None => rows.reverse(),
        }
        Some(Mesh { rows: rows.into_iter().map(|(_, row)| row).collect() })
    }
}

/// Returns whether a line may stand between the rows: a report, a row of column numbers, a frame.
fn is_chatter(line: &str) -> bool {
    let numbers = line.split_ascii_whitespace().all(|word| word.parse::<u32>().is_ok());
    numbers || line.contains("T:") || line.contains("busy") || line.trim().chars().all(|c| "|-+ ".contains(c))
}

/// Reads `0 +0.123 -0.010 =====`, with or without the number before it, with brackets and bars or not.
fn row(line: &str) -> Option<(Option<usize>, Vec<Option<f64>>)> {
    let plain: String = line.chars().map(|c| if "[]|,;".contains(c) { ' ' } else { c }).collect();
    let mut words = plain.split_ascii_whitespace().peekable();
    let number = words.peek().and_then(|word| word.parse::<usize>().ok());
    if number.is_some() {
        words.next();
    }
    let mut row = Vec::new();
    for word in words {
        let unknown = word.to_ascii_lowercase().trim_start_matches(['+', '-']) == "nan"
            || word.chars().all(|c| "=.".contains(c));
        let height = word.parse::<f64>().ok().filter(|z| z.is_finite() && z.abs() <= HIGHEST_MM);
        // A whole number is no height: that is the row of column numbers.
        match height.filter(|_| word.contains('.')) {
            Some(z) => row.push(Some(z)),
            None if unknown => row.push(None),
            None => return None,
        }
    }
    (2..=MOST).contains(&row.len()).then_some((number, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Mesh> {
        let mut reader = MeshReader::default();
        text.lines().find_map(|line| reader.on_line(line))
    }

    #[test]
    fn grids_are_read_in_all_their_spellings() {
        let front = vec![Some(0.1), Some(-0.2), Some(0.3)];
        let back = vec![Some(0.4), None, Some(0.5)];
        let table = [
            (
                "bilinear, as 2.1 and 1.1 print it",
                "Bilinear Leveling Grid:\n      0      1      2\n 0 +0.100 -0.200 +0.300\n T:20.0 /0.0 B:20.0 /0.0\n \
                 1 +0.400 ====== +0.500\n\nok",
            ),
            (
                "unified, the back first",
                "Bed Topography Report:\n\n    (0,1)   (2,1)\n        0       1       2\n 1 | +0.400    .    +0.500\n   \
                 |\n 0 |[+0.100]  -0.200   +0.300\n       0       1       2\nok",
            ),
            (
                "mesh, with a head of its own",
                "Mesh Bed Level data:\nNum X,Y: 3,2\nZ search height: 5\nMeasured points:\n        0        1        2\n 0 \
                 +0.10000 -0.20000 +0.30000\n 1 +0.40000 nan +0.50000\nok",
            ),
            (
                "without numbers, the back first",
                "Num X,Y: 3,2\nZ search height: 5.00\nMeasured points:\n  0.40000  nan  0.50000\n  0.10000  -0.20000  \
                 0.30000\nok",
            ),
        ];
        for (name, text) in table {
            assert_eq!(read(text), Some(Mesh { rows: vec![front.clone(), back.clone()] }), "{name}");
        }
    }

    #[test]
    fn noise_is_no_mesh() {
        for text in [
            "ok\n 0 +0.1 +0.2\n 1 +0.1 +0.2\nok",
            "Bilinear Leveling Grid:\nok",
            "Bilinear Leveling Grid:\n 0 +0.1 +0.2\nok",
            "Measured points:\n 0 +900.1 inf\n 1 +900.1 inf\nok",
            "Measured points:\n nan nan\n nan nan\nok",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let endless = format!("Measured points:\n{}", " 0.1 0.2\n".repeat(1000));
        assert_eq!(read(&endless).map(|mesh| mesh.rows.len()), Some(MOST));
    }
}
