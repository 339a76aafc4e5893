//! Whether what comes in is text, or what a wrong rate makes of it.

/// Bytes looked at, newest last.
const WINDOW: usize = 96;
/// Fewer say nothing: a boot loader, too, sends some rubbish.
const ENOUGH: usize = 24;
/// More unreadable bytes than this share is noise.
const NOISY_PERCENT: usize = 25;

/// Counts readable and unreadable bytes since the port was opened.
#[derive(Debug, Default)]
pub struct Noise {
    /// Whether each of the last bytes was readable.
    last: std::collections::VecDeque<bool>,
    before: Option<u8>,
    x3g: X3g,
}

/// Frames of X3G, the language of MakerBot and Sailfish: `0xD5`, a length, so many bytes, a sum.
#[derive(Debug, Default)]
struct X3g {
    /// Bytes of the frame that are still to come, its length included; `None` outside of one.
    left: Option<usize>,
    length_is_next: bool,
    /// Whole frames in a row, nothing between them.
    in_row: u32,
}

impl X3g {
    fn take(&mut self, byte: u8) {
        match self.left {
            None if byte == 0xD5 => (self.left, self.length_is_next) = (Some(1), true),
            None => self.in_row = 0,
            Some(_) if self.length_is_next && !(1..=64).contains(&byte) => *self = Self::default(),
            Some(_) if self.length_is_next => {
                (self.left, self.length_is_next) = (Some(usize::from(byte) + 1), false);
            }
            Some(1) => (self.left, self.in_row) = (None, self.in_row.saturating_add(1)),
            Some(left) => self.left = Some(left.saturating_sub(1)),
        }
    }
}

impl Noise {
    /// Takes bytes as they came.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.x3g.take(*byte);
            // A line that hangs gives the same byte without end; it counts once.
            if self.before.replace(*byte) == Some(*byte) && !byte.is_ascii_graphic() {
                continue;
            }
            if self.last.len() == WINDOW {
                self.last.pop_front();
            }
            self.last.push_back(matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t'));
        }
    }

    /// Returns whether somebody answers in X3G.
    pub fn is_x3g(&self) -> bool {
        self.x3g.in_row >= 3
    }

    /// Returns whether this is what a wrong rate sounds like.
    pub fn is_noise(&self) -> bool {
        let unreadable = self.last.iter().filter(|readable| !**readable).count();
        self.last.len() >= ENOUGH && unreadable * 100 > self.last.len() * NOISY_PERCENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a receiver at `heard` baud makes of bytes sent at `sent` baud: samples the middle of each bit.
    fn misheard(text: &str, sent: f64, heard: f64) -> Vec<u8> {
        let mut wire: Vec<bool> = vec![true; 20];
        for byte in text.bytes() {
            wire.push(false);
            wire.extend((0..8).map(|bit| byte >> bit & 1 == 1));
            wire.push(true);
        }
        wire.extend([true; 20]);
        let level = |at: f64| wire.get((at * sent) as usize).copied().unwrap_or(true);
        let (bit, end) = (1.0 / heard, wire.len() as f64 / sent);
        let (mut at, mut out) = (0.0, Vec::new());
        while at < end {
            if level(at) {
                at += bit / 16.0;
                continue;
            }
            out.push((0..8).map(|n| u8::from(level(at + bit * (1.5 + f64::from(n)))) << n).sum());
            at += bit * 9.5;
        }
        out
    }

    const BANNER: &str = "start\necho:Marlin 2.1.2\n\necho: Last Updated: 2023-01-07 | Author: me\necho: Free Memory: \
                          4283  PlannerBufferBytes: 1232\necho:Hardcoded Default Settings Loaded\n";

    #[test]
    fn every_wrong_rate_is_heard_and_no_right_one() {
        let rates = [9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 250_000];
        for sent in rates {
            for heard in rates {
                let mut noise = Noise::default();
                noise.take(&misheard(BANNER, f64::from(sent), f64::from(heard)));
                // Rates so near, or so far below, leave too little to tell; then hello stays without an answer.
                let near = f64::from(sent.max(heard)) / f64::from(sent.min(heard)) < 1.1;
                let slow = sent / heard > 6;
                if !slow && !near {
                    assert_eq!(noise.is_noise(), sent != heard, "sent at {sent}, heard at {heard}");
                }
                assert!(sent != heard || !noise.is_noise(), "{sent}");
            }
        }
    }

    #[test]
    fn x3g_is_known_by_its_frames() {
        let mut noise = Noise::default();
        let frame = [0xD5, 0x01, 0x83, 0x5a];
        noise.take(&frame);
        assert!(!noise.is_x3g());
        noise.take(&[frame, frame].concat());
        assert!(noise.is_x3g());
        let mut other = Noise::default();
        other.take(&[0xD5, 0x01, 0x83, 0x5a, b'o', b'k'].repeat(50));
        other.take(&[0xD5; 200]);
        assert!(!other.is_x3g());
    }

    #[test]
    fn rubbish_of_a_boot_loader_is_no_noise() {
        let mut noise = Noise::default();
        noise.take(&[0; 200]);
        noise.take(&[0xff, 0x80, 0, 0xfe]);
        noise.take(BANNER.as_bytes());
        assert!(!noise.is_noise());
        let mut utf8 = Noise::default();
        utf8.take("FIRMWARE_NAME:Marlin 2.1 MACHINE_TYPE:Würfelmühle 3".as_bytes());
        assert!(!utf8.is_noise());
    }
}
