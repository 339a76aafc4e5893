//! What a camera of this computer offers: sizes and rates of its pictures, and what can be set at it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a camera of this computer codes its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PictureCoding {
    /// JPEG, picture by picture: the least work for this computer.
    Mjpeg,
    /// Plain, two bytes a pixel.
    Yuyv,
    /// Plain, one and a half bytes a pixel.
    Nv12,
}

/// One size and rate that a camera offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct DeviceFormat {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
    /// How they are coded.
    pub coding: PictureCoding,
}

/// Something that can be set at a camera.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct DeviceControl {
    /// Its name in the camera's settings, such as `exposure_time`.
    pub key: String,
    /// For people.
    pub label: String,
    /// Least value.
    #[ts(type = "number")]
    pub min: i64,
    /// Greatest value.
    #[ts(type = "number")]
    pub max: i64,
    /// From one value to the next.
    #[ts(type = "number")]
    pub step: i64,
    /// What it is as delivered.
    #[ts(type = "number")]
    pub default: i64,
    /// What it is now.
    #[ts(type = "number")]
    pub value: i64,
    /// It has no effect now, since the camera sets it by itself.
    pub inactive: bool,
    /// The values that it can have, where they have names; a switch has none and goes from 0 to 1.
    pub choices: Vec<ControlChoice>,
}

/// A value with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ControlChoice {
    /// The value.
    #[ts(type = "number")]
    pub value: i64,
    /// As the camera's driver calls it.
    pub label: String,
}

/// What a camera of this computer offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct DeviceOptions {
    /// Larger ones first.
    pub formats: Vec<DeviceFormat>,
    /// Empty where its driver offers nothing.
    pub controls: Vec<DeviceControl>,
}
