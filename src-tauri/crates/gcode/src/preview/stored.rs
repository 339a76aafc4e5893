//! The index as bytes, to be kept beside the file. Little-endian: a header, then each layer.

use super::feature::{Feature, Marks};
use super::{LayerIndex, LayerStart, MAX_LAYERS};
use parser::{FirmwareG90, MotionState};

/// Changes with the form, and with what is counted: an older index is made anew.
const MAGIC: &[u8; 8] = b"PVLI\x02\0\0\0";
const NONE: u32 = u32::MAX;

impl LayerIndex {
    /// Returns the index as bytes, some 130 for each layer.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        [self.bytes, self.lines, self.commands].iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend([u8::from(self.complete), u8::from(self.bounds.is_some())]);
        for (low, high) in self.bounds.unwrap_or_default() {
            out.extend([low.to_le_bytes(), high.to_le_bytes()].concat());
        }
        out.extend((self.layers.len() as u32).to_le_bytes());
        self.layers.iter().for_each(|layer| put(layer, &mut out));
        out
    }

    /// Reads what [`Self::to_bytes`] has written. `None` when it is of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Bytes(bytes.strip_prefix(MAGIC)?);
        let (bytes, lines, commands) = (from.u64()?, from.u64()?, from.u64()?);
        let (complete, bounded) = (from.u8()? == 1, from.u8()? == 1);
        let mut bounds = [(0.0, 0.0); 3];
        for bound in &mut bounds {
            *bound = (from.f32()?, from.f32()?);
        }
        let count = from.u32()? as usize;
        if count > MAX_LAYERS {
            return None;
        }
        let mut layers = Vec::new();
        for _ in 0..count {
            layers.push(get(&mut from)?);
        }
        let ordered = layers.windows(2).all(|pair| pair[0].offset <= pair[1].offset);
        let within = layers.last().is_none_or(|last| last.offset <= bytes);
        let bounds = bounded.then_some(bounds);
        (ordered && within && from.0.is_empty()).then_some(Self {
            layers,
            bytes,
            lines,
            commands,
            bounds,
            complete,
        })
    }
}

fn put(layer: &LayerStart, out: &mut Vec<u8>) {
    let (state, marks) = (&layer.state, &layer.marks);
    out.extend(layer.number.unwrap_or(NONE).to_le_bytes());
    let sizes = [layer.z_mm, layer.height_mm, marks.width_mm.unwrap_or(0.0), marks.height_mm.unwrap_or(0.0)];
    sizes.iter().for_each(|v| out.extend(v.to_le_bytes()));
    [layer.line, layer.offset, layer.commands_before].iter().for_each(|n| out.extend(n.to_le_bytes()));
    out.extend(layer.segments.to_le_bytes());
    let others = [state.e, state.feed, state.volumetric_mm2.unwrap_or(0.0)];
    state.at.iter().chain(&state.shift).chain(&others).for_each(|v| out.extend(v.to_le_bytes()));
    let flags = [state.absolute, state.e_absolute, state.e_mode_absolute, state.inches];
    let flags = flags.iter().enumerate().fold(0, |all, (bit, flag)| all | u8::from(*flag) << bit);
    out.extend([flags, marks.feature as u8]);
}

fn get(from: &mut Bytes<'_>) -> Option<LayerStart> {
    let number = Some(from.u32()?).filter(|n| *n != NONE);
    let (z_mm, height_mm) = (from.f32()?, from.f32()?);
    let mut size = || Some(Some(from.f32()?).filter(|v| *v > 0.0));
    let (width, height) = (size()?, size()?);
    let (line, offset, commands_before) = (from.u64()?, from.u64()?, from.u64()?);
    let segments = from.u32()?;
    let mut numbers = [0.0; 9];
    for number in &mut numbers {
        *number = from.f64()?;
    }
    let [x, y, z, dx, dy, dz, e, feed, area] = numbers;
    let (flags, feature) = (from.u8()?, Feature::from_number(from.u8()?)?);
    let mut state = MotionState::new(FirmwareG90::default());
    (state.at, state.shift, state.e, state.feed) = ([x, y, z], [dx, dy, dz], e, feed);
    (state.absolute, state.inches) = (flags & 1 != 0, flags & 8 != 0);
    (state.e_absolute, state.e_mode_absolute) = (flags & 2 != 0, flags & 4 != 0);
    state.volumetric_mm2 = Some(area).filter(|area| *area > 0.0);
    let marks = Marks { feature, width_mm: width, height_mm: height };
    Some(LayerStart { number, z_mm, height_mm, line, offset, commands_before, segments, state, marks })
}

/// Bytes still to be read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take().map(u8::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn f32(&mut self) -> Option<f32> {
        self.take().map(f32::from_le_bytes)
    }

    fn f64(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }
}
