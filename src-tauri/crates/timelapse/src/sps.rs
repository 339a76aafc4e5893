//! What an H.264 stream asks of a decoder, read before the decoder sees it: the size of its pictures and their format.

/// What a sequence parameter set says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sps {
    /// Pixels, whole blocks of 16, before cropping.
    pub(crate) width: u32,
    /// Pixels, whole blocks of 16, before cropping.
    pub(crate) height: u32,
    /// `chroma_format_idc`: 0 none, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    chroma: u32,
    /// Bits of a sample, the deeper of brightness and colour.
    bits: u32,
    /// Blocks may be stored without transform or loss.
    lossless: bool,
    /// Pictures may be stored as two fields.
    interlaced: bool,
}

impl Sps {
    /// Reads a sequence parameter set; `None` when it cannot be read.
    pub(crate) fn read(nal: &[u8]) -> Option<Self> {
        let mut bits = Bits { bytes: unescaped(nal.get(1..)?), at: 0 };
        let profile = bits.take(8)?;
        bits.take(16)?;
        bits.number()?;
        let (mut chroma, mut depth, mut lossless) = (1, 8, false);
        if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135) {
            chroma = bits.number()?;
            if chroma == 3 {
                bits.take(1)?;
            }
            depth = 8_u32.saturating_add(bits.number()?.max(bits.number()?));
            lossless = bits.take(1)? == 1;
            if bits.take(1)? == 1 {
                for list in 0..if chroma == 3 { 12 } else { 8 } {
                    if bits.take(1)? == 1 {
                        bits.skip_scaling(if list < 6 { 16 } else { 64 })?;
                    }
                }
            }
        }
        bits.number()?;
        match bits.number()? {
            0 => drop(bits.number()?),
            1 => {
                bits.take(1)?;
                bits.number()?;
                bits.number()?;
                for _ in 0..bits.number()?.min(255) {
                    bits.number()?;
                }
            }
            _ => (),
        }
        bits.number()?;
        bits.take(1)?;
        let width = bits.number()?.checked_add(1)?.checked_mul(16)?;
        let units = bits.number()?.checked_add(1)?;
        let frames_only = bits.take(1)?;
        let height = units.checked_mul(16)?.checked_mul(2 - frames_only)?;
        Some(Self { width, height, chroma, bits: depth, lossless, interlaced: frames_only == 0 })
    }

    /// Names what the decoder cannot do with such a stream: it takes whole pictures of 8 bits with colours at a quarter
    /// of the resolution (4:2:0), and nothing else.
    pub(crate) fn beyond_decoder(&self) -> Option<String> {
        let mut beyond = Vec::new();
        if self.bits != 8 {
            beyond.push(format!("{}-bit", self.bits));
        }
        match self.chroma {
            0 => beyond.push("grey only (4:0:0)".into()),
            1 => (),
            2 => beyond.push("4:2:2".into()),
            _ => beyond.push("4:4:4".into()),
        }
        if self.lossless {
            beyond.push("lossless".into());
        }
        if self.interlaced {
            beyond.push("interlaced".into());
        }
        (!beyond.is_empty()).then(|| beyond.join(", "))
    }
}

/// Takes out the bytes that keep a start code from appearing by chance.
fn unescaped(nal: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for &byte in nal {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        bytes.push(byte);
    }
    bytes
}

struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// Takes a number of the kind "as many zeros as bits follow the one".
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        (self.take(zeros)?).checked_add((1_u32 << zeros) - 1)
    }

    fn skip_scaling(&mut self, count: usize) -> Option<()> {
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..count {
            if next != 0 {
                let code = i64::from(self.number()?);
                let delta = if code % 2 == 1 { (code + 1) / 2 } else { -code / 2 };
                next = (last + delta).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
        Some(())
    }
}
