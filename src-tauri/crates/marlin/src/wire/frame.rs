//! A line as it goes over the cable: number, command, checksum.

/// Number, checksum and line end around a command, at most.
pub(super) const FRAME_BYTES: usize = 16;

/// Returns a line with number and checksum.
///
/// When a line end is lost, a firmware reads two lines as one, and the exclusive-or of both may by chance pass for the
/// checksum of the whole. A leading zero then makes another one of it.
pub(super) fn framed(n: u32, text: &str) -> String {
    use std::fmt::Write as _;
    let mut line = String::with_capacity(text.len() + FRAME_BYTES);
    // Writing into a string cannot fail.
    _ = write!(line, "N{n} {text}");
    let mut sum = line.bytes().fold(0, |sum, b| sum ^ b);
    if could_be_glued(sum) {
        line.insert(1, '0');
        sum ^= b'0';
    }
    _ = write!(line, "*{sum}");
    line
}

/// Returns whether a line with this checksum passes as one with the next when its end is dropped or one bit of it flips.
fn could_be_glued(sum: u8) -> bool {
    let digits = [sum / 100, sum / 10 % 10, sum % 10].map(|d| d + b'0');
    let leading = if sum >= 100 {
        0
    } else if sum >= 10 {
        1
    } else {
        2
    };
    let between = digits[leading..].iter().fold(sum ^ b'*', |all, d| all ^ d);
    between == 0 || (between ^ b'\n').count_ones() == 1
}
