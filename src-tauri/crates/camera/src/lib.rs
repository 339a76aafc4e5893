//! One thread per camera, and the ring of recent frames.
//!
//! A [`Source`] hands out JPEG pictures, one blocking call at a time: a camera of this computer, a URL, or the
//! demo. [`spawn`] runs it on its own thread, opens it again when it is lost, turns and mirrors the pictures as
//! the settings ask, keeps the last minutes in memory, and says how the camera does in words a person can act on.
//!
//! Pictures that need no turning keep the camera's own bytes: nothing is decoded or encoded for them.

mod address;
mod claim;
#[cfg_attr(not(target_os = "linux"), path = "no_controls.rs")]
mod controls;
mod device;
mod device_name;
mod error;
mod format;
mod frame;
mod h264;
mod health;
mod http;
mod jpeg;
mod login;
mod pace;
mod reader;
mod relay;
mod rgb;
mod ring;
mod rtsp;
mod scan;
mod source;
mod tables;
mod thread;
mod tls;
mod tries;
mod try_out;
mod vet;
mod yuv;

pub use address::check_address;
pub use controls::device_options;
pub use device::{DeviceInfo, list_devices};
pub use error::CameraError;
pub use frame::{Frame, FrameIds};
pub use jpeg::{JpegHead, read_head};
pub use rgb::{Rgb, decode_jpeg, encode_jpeg};
pub use source::{OpenSource, Source, StopFlag, Wanted};
pub use thread::{CameraHandle, Frames, OnHealth, spawn};
pub use tls::{fingerprint, is_fingerprint};
pub use try_out::{one_frame, opener_for};
pub use vet::{Vetted, may_be_asked};
