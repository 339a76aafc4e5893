//! The decoder itself, in whichever process.

use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Largest side of a picture, pixels: that of 4K.
pub const MAX_SIDE_PX: u32 = 4096;

/// When pictures come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Each as soon as it is decoded: streams of cameras.
    AsDecoded,
    /// In the order in which they are shown; some come late, and the last only when they are asked for: films.
    AsShown,
}

/// What is wanted of a picture that comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Nothing: others build on it.
    Nothing,
    /// Brightness of each pixel, then both colours at half the width and height, rounded up.
    Planes,
    /// Red, green, blue of each pixel, row by row.
    Rgb,
}

impl Form {
    /// Returns how many bytes a picture of a size takes; `None` when there is no such picture.
    pub(super) fn num_bytes(self, width: u32, height: u32) -> Option<u32> {
        let sides = 1..=MAX_SIDE_PX;
        if !sides.contains(&width) || !sides.contains(&height) {
            return None;
        }
        match self {
            Self::Nothing => None,
            Self::Planes => Some(width * height + 2 * width.div_ceil(2) * height.div_ceil(2)),
            Self::Rgb => Some(width * height * 3),
        }
    }
}

/// A picture, of the size and in the form that was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// In a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// As the form says; there are as many as it needs.
    pub bytes: Vec<u8>,
}

/// What came of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// No picture yet, or none any more.
    Nothing,
    /// A picture that was not wanted.
    Unwanted,
    /// A picture.
    Picture(Pixels),
    /// The frame is damaged.
    Damaged,
}

/// A decoder in this process.
pub(super) struct Decoding {
    decoder: openh264::decoder::Decoder,
    /// What was inside at the end, once it was asked for.
    rest: Option<VecDeque<Decoded>>,
}

impl Decoding {
    pub(super) fn new(order: Order) -> Result<Self, openh264::Error> {
        let flush = match order {
            Order::AsDecoded => Flush::Flush,
            Order::AsShown => Flush::NoFlush,
        };
        let config = DecoderConfig::new().flush_after_decode(flush);
        let decoder = openh264::decoder::Decoder::with_api_config(OpenH264API::from_source(), config)?;
        Ok(Self { decoder, rest: None })
    }

    /// Takes units with start codes before them.
    pub(super) fn frame(&mut self, stream: &[u8], form: Form) -> Decoded {
        match self.decoder.decode(stream) {
            Ok(Some(yuv)) => decoded(&yuv, form),
            Ok(None) => Decoded::Nothing,
            Err(_) => Decoded::Damaged,
        }
    }

    /// Returns the next of the pictures that are still inside.
    pub(super) fn rest(&mut self, form: Form) -> Decoded {
        if self.rest.is_none() {
            let Ok(left) = self.decoder.flush_remaining() else { return Decoded::Damaged };
            self.rest = Some(left.iter().map(|yuv| decoded(yuv, form)).collect());
        }
        self.rest.as_mut().and_then(VecDeque::pop_front).unwrap_or(Decoded::Nothing)
    }
}

fn decoded(yuv: &DecodedYUV<'_>, form: Form) -> Decoded {
    let (width, height) = yuv.dimensions();
    let Some(num_bytes) = form.num_bytes(width as u32, height as u32) else {
        return if form == Form::Nothing { Decoded::Unwanted } else { Decoded::Damaged };
    };
    let bytes = match form {
        Form::Nothing => return Decoded::Unwanted,
        Form::Planes => planes(yuv, num_bytes as usize),
        Form::Rgb => {
            let mut rgb = vec![0; num_bytes as usize];
            yuv.write_rgb8(&mut rgb);
            rgb
        }
    };
    if bytes.len() != num_bytes as usize {
        return Decoded::Damaged;
    }
    Decoded::Picture(Pixels { width: width as u32, height: height as u32, bytes })
}

/// Takes the decoder's planes without what pads their rows.
fn planes(yuv: &DecodedYUV<'_>, num_bytes: usize) -> Vec<u8> {
    let (width, height) = yuv.dimensions();
    let (y_stride, u_stride, v_stride) = yuv.strides();
    let half = (width.div_ceil(2), height.div_ceil(2));
    let mut bytes = Vec::with_capacity(num_bytes);
    for (plane, stride, (width, height)) in
        [(yuv.y(), y_stride, (width, height)), (yuv.u(), u_stride, half), (yuv.v(), v_stride, half)]
    {
        let rows = (0..height).filter_map(|row| plane.get(row * stride..)?.get(..width));
        rows.for_each(|row| bytes.extend_from_slice(row));
    }
    bytes
}
