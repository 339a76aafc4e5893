//! The detection tried on a single picture, past all rules.

use super::pictures::TryError;
use crate::devices::{DeviceFactory, OpenDevices};
use bytes::Bytes;
use detect::{DetectError, DetectHandle, Findings, Sight};
use domain::{CameraId, View};

/// A picture to try the detection on.
#[derive(Debug, Clone)]
pub enum Sample {
    /// The built-in one: failing or good.
    Builtin {
        /// Shows a failure.
        failing: bool,
    },
    /// What this camera sees now.
    Camera(CameraId),
    /// One that the person brought.
    Picture(Bytes),
}

/// What came of trying the detection on a picture.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The picture.
    pub jpeg: Bytes,
    /// What was found.
    pub findings: Findings,
    /// Width and height of the picture as it is shown.
    pub size: (u32, u32),
    /// How sharp the model's eye is.
    pub sight: Option<Sight>,
}

/// Tries the detection on a picture; blocks until it is analysed.
///
/// # Errors
/// No picture, one that cannot be read, or no detector.
pub(crate) fn look_at_sample(
    sample: Sample,
    factory: &dyn DeviceFactory,
    devices: &OpenDevices,
    detect: &DetectHandle,
) -> Result<Tried, TryError> {
    let jpeg = match sample {
        Sample::Builtin { failing } => {
            factory.sample_picture(failing).ok_or_else(|| no_picture("this app has no sample picture"))?
        }
        Sample::Camera(camera) => {
            let frame = devices.frames(camera).and_then(|frames| frames.borrow().clone());
            frame.ok_or_else(|| no_picture("this camera shows no picture now"))?.jpeg.clone()
        }
        Sample::Picture(bytes) => bytes,
    };
    let size = camera::read_head(&jpeg).map_err(|error| {
        TryError::new(
            "unreadable",
            format!("this picture cannot be read: {error}"),
            "Choose a JPEG or PNG picture.",
        )
    })?;
    let (reply, answer) = std::sync::mpsc::sync_channel(1);
    let tell = Box::new(move |found| drop(reply.send(found)));
    detect.ask(jpeg.clone(), View::Whole, tell);
    let found = answer.recv().map_err(|_| no_detection("the detector has ended".to_owned()))?;
    let findings = found.map_err(|error: DetectError| no_detection(error.for_people()))?;
    Ok(Tried { jpeg, findings, size: size.shown_size(), sight: detect.sight() })
}

fn no_picture(why: &str) -> TryError {
    TryError::new("no_picture", why, "Look at Settings, Camera: it says what the camera lacks.")
}

fn no_detection(why: String) -> TryError {
    TryError::new("no_detection", why, "See Settings, About, for the detector.")
}
