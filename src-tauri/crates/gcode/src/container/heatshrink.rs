//! Unpacks heatshrink: LZSS in a stream of bits, most significant first.
//!
//! A set bit and eight more are a byte as it is. A clear bit is followed by how far back to look, less one, and how
//! much to repeat from there, less one. What lies before the beginning counts as zeros.

/// Bits of the length of a repetition, in both kinds that `.bgcode` knows.
const LENGTH_BITS: u32 = 4;

/// Unpacks to exactly `size` bytes. `None` when `packed` ends too early. Nothing is allocated beyond what `packed`
/// can yield.
pub(super) fn unpack(packed: &[u8], window_bits: u32, size: usize) -> Option<Vec<u8>> {
    let mut bits = Bits { bytes: packed, at: 0 };
    // A repetition yields at most 16 bytes for its 16 or 17 bits.
    let mut out: Vec<u8> = Vec::with_capacity(size.min(packed.len().saturating_mul(9)));
    while out.len() < size {
        if bits.take(1)? == 1 {
            out.push(bits.take(8)? as u8);
            continue;
        }
        let back = bits.take(window_bits)? as usize + 1;
        let length = bits.take(LENGTH_BITS)? as usize + 1;
        for _ in 0..length.min(size - out.len()) {
            let byte = out.len().checked_sub(back).map_or(0, |from| out[from]);
            out.push(byte);
        }
    }
    Some(out)
}

/// Reads numbers of a few bits.
struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits read so far.
    at: usize,
}

impl Bits<'_> {
    /// Reads `count` bits, 16 at most.
    fn take(&mut self, count: u32) -> Option<u32> {
        let byte = self.at / 8;
        let last = (self.at + count as usize - 1) / 8;
        if last >= self.bytes.len() {
            return None;
        }
        let get = |i: usize| u32::from(self.bytes.get(i).copied().unwrap_or(0));
        let word = get(byte) << 16 | get(byte + 1) << 8 | get(byte + 2);
        let shift = 24 - count - (self.at % 8) as u32;
        self.at += count as usize;
        Some(word >> shift & ((1 << count) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack;

    #[test]
    fn a_stream_written_by_hand_is_understood() {
        // 'A' as it is; then one back, four long.
        let stream = bits("1 01000001 0 00000000000 0011");
        assert_eq!(unpack(&stream, 11, 5).unwrap(), b"AAAAA");
        // Before the beginning there are zeros.
        assert_eq!(unpack(&bits("0 00000000000 0001"), 11, 2).unwrap(), [0, 0]);
    }

    #[test]
    fn both_windows_give_back_what_went_in() {
        let text: Vec<u8> =
            (0..400).flat_map(|i| format!("G1 X{}.{} E.0{i}\n", i % 97, i % 7).into_bytes()).collect();
        for window in [11, 12] {
            let packed = pack::heatshrink(&text, window);
            assert!(packed.len() < text.len() / 2, "{} of {}", packed.len(), text.len());
            assert_eq!(unpack(&packed, window, text.len()).unwrap(), text);
            assert!(unpack(&packed[..packed.len() - 2], window, text.len()).is_none(), "cut off");
        }
    }

    #[test]
    fn a_claimed_size_is_not_allocated() {
        assert!(unpack(&[0x80, 0x00], 11, usize::MAX).is_none());
    }

    fn bits(text: &str) -> Vec<u8> {
        let bits: Vec<u8> = text.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |byte, (i, bit)| byte | bit << (7 - i))).collect()
    }
}
