//! Cameras as stored, and what is known of a frame.

use crate::{CameraId, FrameId, Now, PictureCoding, PrinterId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Where the pictures come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CameraSource {
    /// A camera of this computer.
    Device {
        /// Index or path as the system lists it (`/dev/video0`).
        device: String,
        /// Width, height, frames per second; `None` lets the app choose.
        format: Option<(u32, u32, u32)>,
        /// How its pictures are to be coded; without it what is least work.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        coding: Option<PictureCoding>,
        /// What a person set at it (exposure, focus, ...): names and values as it offers them.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[ts(as = "Option<BTreeMap<String, f64>>", optional)]
        controls: BTreeMap<String, i64>,
    },
    /// A URL that answers with one JPEG.
    Snapshot {
        /// `http://…` or `https://…`
        url: String,
        /// Fingerprint (SHA-256, hex) of the only certificate that is taken, where a person accepted one that nobody
        /// vouches for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        certificate: Option<String>,
    },
    /// A URL that streams JPEGs (`multipart/x-mixed-replace`).
    Mjpeg {
        /// `http://…` or `https://…`
        url: String,
        /// As for a snapshot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        certificate: Option<String>,
    },
    /// A stream of H.264.
    Rtsp {
        /// `rtsp://…`
        url: String,
    },
    /// A demo camera: renders what a simulated printer does.
    Demo {
        /// Which one; without it the first there is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        printer: Option<PrinterId>,
    },
    /// The agent of a printer sends its camera's pictures while it prints, and while somebody looks.
    Agent {
        /// Which printer.
        printer: PrinterId,
        /// Address of a further camera, as the agent's computer reaches it: the agent is asked for each picture. Without
        /// it: the camera whose pictures the agent sends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        url: Option<String>,
    },
}

impl CameraSource {
    /// Returns a camera of this computer as it is set by itself.
    pub fn device(device: impl Into<String>) -> Self {
        Self::Device { device: device.into(), format: None, coding: None, controls: BTreeMap::new() }
    }

    /// Returns the address of a network camera.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Snapshot { url, .. } | Self::Mjpeg { url, .. } | Self::Rtsp { url } => Some(url),
            Self::Device { .. } | Self::Agent { .. } | Self::Demo { .. } => None,
        }
    }

    /// Returns the same source at another address; one that has none stays as it is.
    #[must_use]
    pub fn with_address(mut self, address: String) -> Self {
        match &mut self {
            Self::Snapshot { url, .. } | Self::Mjpeg { url, .. } | Self::Rtsp { url } => *url = address,
            Self::Device { .. } | Self::Agent { .. } | Self::Demo { .. } => (),
        }
        self
    }
}

/// Clockwise rotation, applied once at capture, before the flips.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(into = "u16", try_from = "u16")]
#[ts(type = "0 | 90 | 180 | 270")]
#[allow(missing_docs)]
pub enum Rotation {
    #[default]
    Deg0,
    Deg90,
    Deg180,
    Deg270,
}

impl From<Rotation> for u16 {
    fn from(r: Rotation) -> u16 {
        match r {
            Rotation::Deg0 => 0,
            Rotation::Deg90 => 90,
            Rotation::Deg180 => 180,
            Rotation::Deg270 => 270,
        }
    }
}

impl TryFrom<u16> for Rotation {
    type Error = String;

    fn try_from(degrees: u16) -> Result<Self, String> {
        match degrees {
            0 => Ok(Self::Deg0),
            90 => Ok(Self::Deg90),
            180 => Ok(Self::Deg180),
            270 => Ok(Self::Deg270),
            _ => Err(format!("rotation {degrees} is none of 0, 90, 180, 270")),
        }
    }
}

/// How a camera's picture is to be turned to stand upright.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turned {
    /// Clockwise, first.
    pub rotation: Rotation,
    /// Mirror left to right, after the rotation.
    pub flip_h: bool,
    /// Mirror top to bottom, after the rotation.
    pub flip_v: bool,
}

/// Aspect ratio in Obico's two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub enum StreamRatio {
    /// 4:3
    #[serde(rename = "4:3")]
    FourThree,
    /// 16:9
    #[serde(rename = "16:9")]
    SixteenNine,
}

impl StreamRatio {
    /// Returns the nearer of the two for a picture of `width` x `height` pixels.
    pub fn nearest(width: u32, height: u32) -> Self {
        let ratio = f64::from(width) / f64::from(height.max(1));
        // The geometric middle of 4:3 and 16:9.
        if ratio > (4.0 / 3.0 * 16.0 / 9.0_f64).sqrt() { Self::SixteenNine } else { Self::FourThree }
    }
}

/// A camera, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Camera {
    /// Id in API paths.
    pub id: CameraId,
    /// Display name.
    pub name: String,
    /// Where the pictures come from.
    pub source: CameraSource,
    /// Clockwise, first.
    pub rotation: Rotation,
    /// Mirror left to right, after the rotation.
    pub flip_h: bool,
    /// Mirror top to bottom, after the rotation.
    pub flip_v: bool,
    /// What is left of the picture, cut out last; `None` is all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub crop: Option<Crop>,
}

/// A part of a picture, in thousandths of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Crop {
    /// Left edge, 0 to 900.
    pub x: u16,
    /// Top edge, 0 to 900.
    pub y: u16,
    /// Width, 100 to 1000.
    pub w: u16,
    /// Height, 100 to 1000.
    pub h: u16,
}

impl Crop {
    /// All of a picture.
    pub const ALL: Self = Self { x: 0, y: 0, w: 1000, h: 1000 };

    /// Checks that it lies inside the picture and leaves enough of it.
    ///
    /// # Errors
    /// A text for people.
    pub fn check(self) -> Result<(), String> {
        let inside = |from: u16, len: u16| len >= 100 && u32::from(from) + u32::from(len) <= 1000;
        if inside(self.x, self.w) && inside(self.y, self.h) {
            return Ok(());
        }
        Err("what is left must lie inside the picture, and be at least a tenth as wide and as high".into())
    }

    /// Returns left, top, width and height in pixels of a picture of this size.
    pub fn pixels(self, (width, height): (u32, u32)) -> (u32, u32, u32, u32) {
        let of = |share: u16, whole: u32| u32::from(share) * whole / 1000;
        let (x, y) = (of(self.x, width), of(self.y, height));
        let (w, h) = (of(self.w, width).max(1), of(self.h, height).max(1));
        (x, y, w.min(width.saturating_sub(x)).max(1), h.min(height.saturating_sub(y)).max(1))
    }
}

impl Camera {
    /// Returns whether its picture is the same as with these settings: the source, how it is turned, and what is cut out of it.
    pub fn shows_as(&self, other: &Self) -> bool {
        let shows = |camera: &Self| (camera.rotation, camera.flip_h, camera.flip_v, camera.crop);
        self.source == other.source && shows(self) == shows(other)
    }
}

/// How a camera does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameraHealth {
    /// Being opened for the first time.
    Opening,
    /// Frames come.
    Live {
        /// Pixels, after rotation.
        width: u32,
        /// Pixels, after rotation.
        height: u32,
    },
    /// No frames; it is tried again after a while.
    Lost {
        /// What happened and what to do, for people.
        why: String,
    },
}

/// What the hub knows of a frame: everything but the pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameInfo {
    /// From which camera.
    pub camera: CameraId,
    /// Its number; rises by one a frame, over all cameras of a core's life.
    pub id: FrameId,
    /// When its capture ended, on the camera's clock.
    pub taken: Now,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}
