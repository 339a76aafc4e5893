//! Cameras as stored, and what is known of a frame.

use crate::{CameraId, FrameId, Now, PrinterId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
    },
    /// A URL that answers with one JPEG.
    Snapshot {
        /// `http://…`
        url: String,
    },
    /// A URL that streams JPEGs (`multipart/x-mixed-replace`).
    Mjpeg {
        /// `http://…`
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
    },
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
}

impl Camera {
    /// Returns whether its picture is the same as with these settings: the source, and how it is turned.
    pub fn shows_as(&self, other: &Self) -> bool {
        let shows = |camera: &Self| (camera.rotation, camera.flip_h, camera.flip_v);
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
