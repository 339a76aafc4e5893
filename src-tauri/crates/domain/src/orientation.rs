//! Which way up a picture is to be shown, as EXIF and MP4 say it. Viewers turn such pictures; so do we, before anything
//! looks at them, so that boxes fit what is shown.

/// One of the eight ways in which a picture can be turned by right angles and mirrored.
///
/// A point `(x, y)` of the stored picture is shown at `(a x + c y, b x + d y)`, about the middle; `y` points down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation {
    a: i8,
    b: i8,
    c: i8,
    d: i8,
}

impl Orientation {
    /// Shown as it is stored.
    pub const UPRIGHT: Self = Self::of(1, 0, 0, 1);

    const fn of(a: i8, b: i8, c: i8, d: i8) -> Self {
        Self { a, b, c, d }
    }

    /// Reads EXIF's tag 0x0112, 1 to 8; anything else is upright.
    pub fn from_exif_value(value: u16) -> Self {
        match value {
            2 => Self::of(-1, 0, 0, 1),
            3 => Self::of(-1, 0, 0, -1),
            4 => Self::of(1, 0, 0, -1),
            5 => Self::of(0, 1, 1, 0),
            6 => Self::of(0, 1, -1, 0),
            7 => Self::of(0, -1, -1, 0),
            8 => Self::of(0, -1, 1, 0),
            _ => Self::UPRIGHT,
        }
    }

    /// Reads EXIF data: a TIFF header and its first directory. Without the tag, or damaged, it is upright.
    pub fn from_exif(tiff: &[u8]) -> Self {
        exif_value(tiff).map_or(Self::UPRIGHT, Self::from_exif_value)
    }

    /// Reads the two by two part of an MP4 matrix. One that does more than right angles is upright.
    pub fn from_matrix([a, b, c, d]: [i32; 4]) -> Self {
        let sign = |v: i32| v.signum() as i8;
        let (straight, crossed) =
            (a != 0 && d != 0 && b == 0 && c == 0, b != 0 && c != 0 && a == 0 && d == 0);
        if straight || crossed { Self::of(sign(a), sign(b), sign(c), sign(d)) } else { Self::UPRIGHT }
    }

    /// Returns what this and then `next` come to.
    pub fn then(self, next: Self) -> Self {
        let Self { a, b, c, d } = self;
        Self::of(
            next.a * a + next.c * b,
            next.b * a + next.d * b,
            next.a * c + next.c * d,
            next.b * c + next.d * d,
        )
    }

    /// Returns the size of the picture as it is shown.
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.a == 0 { (height, width) } else { (width, height) }
    }

    /// Returns the pixels as they are shown; `pixels` are three bytes each, row by row, `width * height` of them.
    pub fn turn(self, (width, height): (u32, u32), pixels: Vec<u8>) -> Vec<u8> {
        if self == Self::UPRIGHT {
            return pixels;
        }
        let shown = self.size((width, height));
        let (last_x, last_y) = (i64::from(shown.0) - 1, i64::from(shown.1) - 1);
        // The other way round: its matrix is the mirrored one. What runs backwards begins at the far end.
        let from = |along: i8, x: i64| if along < 0 { last_x - x } else { x };
        let down = |along: i8, y: i64| if along < 0 { last_y - y } else { y };
        let mut turned = Vec::with_capacity(pixels.len());
        for y in 0..=last_y {
            for x in 0..=last_x {
                let source_x = if self.a == 0 { down(self.b, y) } else { from(self.a, x) };
                let source_y = if self.a == 0 { from(self.c, x) } else { down(self.d, y) };
                let at = (source_y * i64::from(width) + source_x) as usize * 3;
                turned.extend_from_slice(pixels.get(at..at + 3).unwrap_or(&[0; 3]));
            }
        }
        turned
    }
}

fn exif_value(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| -> Option<u32> {
        let bytes: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let count = usize::from(short(directory)?);
    let entries = (0..count).map_while(|n| directory.checked_add(2 + n * 12));
    let mut found = entries.filter(|at| short(*at) == Some(0x0112));
    short(found.next()?.checked_add(8)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 3 x 2, its pixels numbered 1 to 6 row by row, turned; as rows of digits.
    fn shown(orientation: Orientation) -> String {
        let pixels: Vec<u8> = (1..=6).flat_map(|n| [n, n, n]).collect();
        let (width, _) = orientation.size((3, 2));
        let turned = orientation.turn((3, 2), pixels);
        let digits: Vec<String> = turned.chunks_exact(3).map(|p| p[0].to_string()).collect();
        digits.chunks(width as usize).map(|row| row.concat()).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn the_eight_ways_of_exif() {
        let want =
            ["123/456", "321/654", "654/321", "456/123", "14/25/36", "41/52/63", "63/52/41", "36/25/14"];
        for (value, want) in (1..).zip(want) {
            assert_eq!(shown(Orientation::from_exif_value(value)), want, "orientation {value}");
        }
        assert_eq!(shown(Orientation::from_exif_value(9)), "123/456");
    }

    #[test]
    fn matrices_of_films_and_what_they_add_up_to() {
        let quarter = Orientation::from_matrix([0, 0x1_0000, -0x1_0000, 0]);
        assert_eq!(shown(quarter), "41/52/63", "clockwise");
        assert_eq!(shown(quarter.then(quarter)), "654/321");
        assert_eq!(quarter.then(quarter).then(quarter).then(quarter), Orientation::UPRIGHT);
        assert_eq!(shown(quarter.then(Orientation::from_matrix([-1, 0, 0, 1]))), "14/25/36", "then mirrored");
        assert_eq!(Orientation::from_matrix([7, 7, -7, 7]), Orientation::UPRIGHT, "an eighth is none");
        assert_eq!(Orientation::from_matrix([0; 4]), Orientation::UPRIGHT);
    }

    #[test]
    fn exif_of_both_byte_orders_and_damaged() {
        let little =
            b"II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x01\0\0\0\0\0\0\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        assert_eq!(shown(Orientation::from_exif(little)), "41/52/63");
        assert_eq!(shown(Orientation::from_exif(big)), "36/25/14");
        for end in 0..big.len() - 2 {
            assert_eq!(Orientation::from_exif(&big[..end]), Orientation::UPRIGHT, "{end} bytes");
        }
        assert_eq!(Orientation::from_exif(b"II*\0\xff\xff\xff\xff"), Orientation::UPRIGHT);
    }
}
