//! Follows the commands that move the nozzle or change what its numbers mean. Nothing else, so that it is fast.

/// Where the nozzle is and in which modes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Logical X, Y, Z, mm.
    pub at: [f64; 3],
    /// What `G92` has shifted: logical plus this is where the machine is, mm.
    pub shift: [f64; 3],
    /// Logical E, mm.
    pub e: f64,
    /// Feed rate, mm/min; 0 until one is given.
    pub feed: f64,
    /// G90 (`true`) or G91.
    pub absolute: bool,
    /// M82 (`true`) or M83.
    pub e_absolute: bool,
    /// Units are inches (G20).
    pub inches: bool,
    /// Active tool.
    pub tool: u8,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            at: [0.0; 3],
            shift: [0.0; 3],
            e: 0.0,
            feed: 0.0,
            absolute: true,
            e_absolute: true,
            inches: false,
            tool: 0,
        }
    }
}

/// How a move goes from one place to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Path {
    /// Straight.
    Line,
    /// Round a centre that lies so far from the start, mm.
    Arc { centre: [f64; 2], clockwise: bool },
}

/// A move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) path: Path,
    /// Filament pushed, mm.
    pub(super) pushed_mm: f64,
    /// It lays material down between two places, as [`crate::Motion`] has it.
    pub(super) extruding: bool,
}

impl Place {
    /// Returns where the machine is, mm.
    pub fn machine(&self) -> [f64; 3] {
        std::array::from_fn(|axis| self.at[axis] + self.shift[axis])
    }

    /// Takes in a command. Returns the move when it is one.
    pub(super) fn follow(&mut self, text: &[u8]) -> Option<Step> {
        let mut words = Words { rest: text };
        let (letter, Some(code)) = words.next()? else { return None };
        match (letter, code as i64) {
            (b'G', code @ 0..=3) => return Some(self.travel(words, code)),
            (b'G', 20) => self.inches = true,
            (b'G', 21) => self.inches = false,
            (b'G', 28) => self.home(words),
            (b'G', 90) => (self.absolute, self.e_absolute) = (true, true),
            (b'G', 91) => (self.absolute, self.e_absolute) = (false, false),
            (b'G', 92) => self.redefine(words),
            (b'M', 82) => self.e_absolute = true,
            (b'M', 83) => self.e_absolute = false,
            (b'T', tool @ 0..=15) => self.tool = tool as u8,
            _ => (),
        }
        None
    }

    fn travel(&mut self, words: Words<'_>, code: i64) -> Step {
        let unit = if self.inches { 25.4 } else { 1.0 };
        let before = *self;
        let (mut offset, mut radius) = ([0.0; 2], None);
        for (letter, value) in words {
            let Some(value) = value.map(|v| v * unit) else { continue };
            let to = |from: f64, absolute: bool| if absolute { value } else { from + value };
            match letter {
                b'X' => self.at[0] = to(self.at[0], self.absolute),
                b'Y' => self.at[1] = to(self.at[1], self.absolute),
                b'Z' => self.at[2] = to(self.at[2], self.absolute),
                b'E' => self.e = to(self.e, self.e_absolute),
                b'F' => self.feed = value,
                b'I' => offset[0] = value,
                b'J' => offset[1] = value,
                b'R' => radius = Some(value),
                _ => (),
            }
        }
        let (dx, dy) = (self.at[0] - before.at[0], self.at[1] - before.at[1]);
        let pushed_mm = self.e - before.e;
        let path = match code {
            2 | 3 => {
                let clockwise = code == 2;
                let centre = radius.map_or(offset, |r| centre_by_radius(dx, dy, r, clockwise));
                Path::Arc { centre, clockwise }
            }
            _ => Path::Line,
        };
        Step { path, pushed_mm, extruding: pushed_mm > 0.0 && dx.hypot(dy) > 0.0 }
    }

    fn home(&mut self, words: Words<'_>) {
        let mut named = [false; 3];
        for (letter, _) in words {
            if let Some(axis) = axis(letter) {
                named[axis] = true;
            }
        }
        for (axis, _) in named.iter().enumerate().filter(|(_, n)| **n || named == [false; 3]) {
            (self.at[axis], self.shift[axis]) = (0.0, 0.0);
        }
    }

    fn redefine(&mut self, words: Words<'_>) {
        let unit = if self.inches { 25.4 } else { 1.0 };
        for (letter, value) in words {
            let value = value.unwrap_or(0.0) * unit;
            match axis(letter) {
                Some(axis) => {
                    self.shift[axis] += self.at[axis] - value;
                    self.at[axis] = value;
                }
                None if letter == b'E' => self.e = value,
                None => (),
            }
        }
    }
}

fn axis(letter: u8) -> Option<usize> {
    b"XYZ".iter().position(|l| *l == letter)
}

/// Returns the centre of an arc given by its radius, from its start. A negative radius asks for the long way round.
fn centre_by_radius(dx: f64, dy: f64, radius: f64, clockwise: bool) -> [f64; 2] {
    let chord = dx.hypot(dy);
    if chord == 0.0 {
        return [0.0; 2];
    }
    let side = if clockwise == (radius > 0.0) { -1.0 } else { 1.0 };
    let height = (radius * radius - chord * chord / 4.0).max(0.0).sqrt() * side;
    [dx / 2.0 - dy / chord * height, dy / 2.0 + dx / chord * height]
}

/// Yields letters, upper case, with their numbers.
struct Words<'a> {
    rest: &'a [u8],
}

impl Iterator for Words<'_> {
    type Item = (u8, Option<f64>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.rest.iter().position(u8::is_ascii_alphabetic)?;
        let letter = self.rest[at].to_ascii_uppercase();
        let tail = self.rest[at + 1..].trim_ascii_start();
        let length =
            tail.iter().position(|b| !matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+')).unwrap_or(tail.len());
        self.rest = &tail[length..];
        Some((letter, number(&tail[..length])))
    }
}

/// Reads a decimal number of digits, a point and a sign.
fn number(text: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (digits, negative) = match text.split_first()? {
        (b'-', rest) => (rest, true),
        (b'+', rest) => (rest, false),
        _ => (text, false),
    };
    let slow = || std::str::from_utf8(text).ok()?.parse().ok().filter(|n: &f64| n.is_finite());
    if digits.len() > 16 {
        return slow();
    }
    let (mut whole, mut decimals, mut seen) = (0u64, None, false);
    for digit in digits {
        match digit {
            b'0'..=b'9' => {
                whole = whole * 10 + u64::from(digit - b'0');
                decimals = decimals.map(|d| d + 1);
                seen = true;
            }
            b'.' if decimals.is_none() => decimals = Some(0usize),
            _ => return None,
        }
    }
    if !seen {
        return None;
    }
    let value = whole as f64 / POWERS[decimals.unwrap_or(0)];
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for text in ["1", "-1.5", "+.25", "12.", "-0.04167", "123456.789012", "1234567890123456789.5"] {
            assert_eq!(number(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["", "-", ".", "1.2.3", "1-2", "+-1"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_shift_does_not_move_the_machine() {
        let mut place = Place::default();
        for line in ["G1 X10 Z2", "G92 X0", "G91", "G1 X5", "G20", "G1 X1"] {
            place.follow(line.as_bytes());
        }
        assert_eq!(place.machine(), [10.0 + 5.0 + 25.4, 0.0, 2.0]);
        place.follow(b"G28 X");
        assert_eq!(place.machine(), [0.0, 0.0, 2.0]);
    }

    #[test]
    fn a_radius_gives_the_centre_on_the_right_side() {
        // A quarter from (0,0) to (10,10), radius 10, round (10,0) or (0,10).
        let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9;
        assert!(near(centre_by_radius(10.0, 10.0, 10.0, true), [10.0, 0.0]));
        assert!(near(centre_by_radius(10.0, 10.0, 10.0, false), [0.0, 10.0]));
        assert!(near(centre_by_radius(10.0, 10.0, -10.0, true), [0.0, 10.0]));
    }
}
