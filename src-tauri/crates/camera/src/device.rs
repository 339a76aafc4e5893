//! Cameras of this computer.

use crate::controls::set_controls;
use crate::device_name::{index_of, told};
use crate::format::{Offer, list, pick};
use crate::{CameraError, OpenSource, Source, read_head, yuv};
use bytes::Bytes;
use domain::PictureCoding;
use nokhwa::Camera;
use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution,
};
use std::collections::BTreeMap;

const CODINGS: [FrameFormat; 3] = [FrameFormat::MJPEG, FrameFormat::NV12, FrameFormat::YUYV];

/// Formats to try on a device that does not tell a usable one first.
const USUAL: [(FrameFormat, u32, u32, u32); 4] = [
    (FrameFormat::MJPEG, 1280, 720, 30),
    (FrameFormat::MJPEG, 640, 480, 30),
    (FrameFormat::YUYV, 640, 480, 30),
    (FrameFormat::YUYV, 640, 480, 15),
];

/// A camera that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// For the settings: a path or a number, stable where the system allows it.
    pub device: String,
    /// For people.
    pub label: String,
}

/// Lists the cameras of this computer. Opens none of them.
pub fn list_devices() -> Vec<DeviceInfo> {
    let Ok(found) = nokhwa::query(ApiBackend::Auto) else { return Vec::new() };
    let mut devices: Vec<(u32, String)> =
        found.iter().filter_map(|info| Some((info.index().as_index().ok()?, info.human_name()))).collect();
    devices.sort();
    devices
        .into_iter()
        .filter(|(index, _)| gives_pictures(*index))
        .map(|(index, label)| DeviceInfo { device: name_of(index), label })
        .collect()
}

/// A camera of Linux has further nodes that carry no pictures, numbered from 1 on.
#[cfg(target_os = "linux")]
fn gives_pictures(index: u32) -> bool {
    let number = std::fs::read_to_string(format!("/sys/class/video4linux/video{index}/index"));
    number.map_or(true, |n| n.trim() == "0")
}

#[cfg(not(target_os = "linux"))]
fn gives_pictures(_: u32) -> bool {
    true
}

/// The path by model and serial number stays the same when another camera is plugged in first.
#[cfg(target_os = "linux")]
fn name_of(index: u32) -> String {
    let node = format!("/dev/video{index}");
    let links = std::fs::read_dir("/dev/v4l/by-id").into_iter().flatten().flatten();
    let stable = links
        .map(|link| link.path())
        .find(|path| path.canonicalize().is_ok_and(|target| target == std::path::Path::new(&node)));
    stable.map_or(node, |path| path.display().to_string())
}

#[cfg(not(target_os = "linux"))]
fn name_of(index: u32) -> String {
    index.to_string()
}

/// Opens a camera of this computer.
pub(crate) struct DeviceOpener {
    pub(crate) device: String,
    pub(crate) format: Option<(u32, u32, u32)>,
    pub(crate) coding: Option<PictureCoding>,
    pub(crate) controls: BTreeMap<String, i64>,
}

impl OpenSource for DeviceOpener {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        allow_cameras(&self.device)?;
        let index = CameraIndex::Index(index_of(&self.device)?);
        let failed = |e: nokhwa::NokhwaError| told(&self.device, &e.to_string());
        let mut camera = first_open(&index).map_err(failed)?;
        let mut offers: Vec<Offer> =
            camera.compatible_camera_formats().map_err(failed)?.iter().filter_map(offer_of).collect();
        if let Some(coding) = self.coding {
            offers.retain(|offer| offer.coding == coding);
        }
        let no_format = || CameraError::NoFormat { device: self.device.clone(), offered: list(&offers) };
        let as_it_is = self.format.is_none() && self.coding.is_none();
        let mut offer = match pick(&offers, self.format) {
            Some(offer) => offer,
            // It does not tell its formats: whatever it is set to.
            None if as_it_is => offer_of(&camera.camera_format()).ok_or_else(no_format)?,
            None => return Err(no_format()),
        };
        if offer_of(&camera.camera_format()) != Some(offer) {
            // Opened anew: some systems do not change the format of an open camera.
            drop(camera);
            camera = open_with(&index, &format_of(&offer)).map_err(failed)?;
        }
        camera.open_stream().map_err(failed)?;
        offer = offer_of(&camera.camera_format()).unwrap_or(offer);
        set_controls(&self.device, &self.controls);
        tracing::info!(device = self.device, %offer, coding = ?offer.coding, "camera opened");
        Ok(Box::new(Device { device: self.device.clone(), camera, offer }))
    }
}

fn first_open(index: &CameraIndex) -> Result<Camera, nokhwa::NokhwaError> {
    let first = RequestedFormat::with_formats(RequestedFormatType::None, &CODINGS);
    Camera::new(index.clone(), first).or_else(|error| {
        let usual =
            USUAL.iter().map(|&(coding, w, h, fps)| CameraFormat::new(Resolution::new(w, h), coding, fps));
        usual.into_iter().find_map(|format| open_with(index, &format).ok()).ok_or(error)
    })
}

fn open_with(index: &CameraIndex, format: &CameraFormat) -> Result<Camera, nokhwa::NokhwaError> {
    Camera::new(index.clone(), RequestedFormat::with_formats(RequestedFormatType::Exact(*format), &CODINGS))
}

struct Device {
    device: String,
    camera: Camera,
    offer: Offer,
}

impl Source for Device {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        let bytes = self.camera.frame_raw().map_err(|e| told(&self.device, &e.to_string()))?;
        match self.offer.coding {
            // The buffer is as large as the largest picture: only what belongs to this one is taken. One that is
            // torn is handed on as it is, to be counted.
            PictureCoding::Mjpeg => {
                let length = read_head(&bytes).map_or(bytes.len(), |head| head.num_bytes);
                Ok(Bytes::copy_from_slice(&bytes[..length]))
            }
            PictureCoding::Yuyv | PictureCoding::Nv12 => match yuv::encode(&bytes, &self.offer) {
                Err(CameraError::Damaged { .. }) => Ok(Bytes::new()),
                encoded => encoded,
            },
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // The device may be gone already.
        let _ = self.camera.stop_stream();
    }
}

fn offer_of(format: &CameraFormat) -> Option<Offer> {
    let coding = match format.format() {
        FrameFormat::MJPEG => PictureCoding::Mjpeg,
        FrameFormat::YUYV => PictureCoding::Yuyv,
        FrameFormat::NV12 => PictureCoding::Nv12,
        FrameFormat::GRAY | FrameFormat::RAWRGB | FrameFormat::RAWBGR => return None,
    };
    Some(Offer { coding, width: format.width(), height: format.height(), fps: format.frame_rate() })
}

fn format_of(offer: &Offer) -> CameraFormat {
    let coding = match offer.coding {
        PictureCoding::Mjpeg => FrameFormat::MJPEG,
        PictureCoding::Yuyv => FrameFormat::YUYV,
        PictureCoding::Nv12 => FrameFormat::NV12,
    };
    CameraFormat::new(Resolution::new(offer.width, offer.height), coding, offer.fps)
}

/// macOS asks the person before the first camera is opened.
#[cfg(target_os = "macos")]
fn allow_cameras(device: &str) -> Result<(), CameraError> {
    if nokhwa::nokhwa_check() {
        return Ok(());
    }
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    nokhwa::nokhwa_initialize(move |granted| drop(tell.try_send(granted)));
    match told.recv_timeout(std::time::Duration::from_secs(60)) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(CameraError::Denied { device: device.into() }),
    }
}

#[cfg(not(target_os = "macos"))]
fn allow_cameras(_: &str) -> Result<(), CameraError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_by_number_node_or_link() {
        assert_eq!(index_of("2").unwrap(), 2);
        for gone in ["/dev/video99", "/dev/null", "", "webcam"] {
            assert_eq!(index_of(gone), Err(CameraError::NotFound { device: gone.into() }));
        }
        let mut opener = DeviceOpener {
            device: "/dev/video99".into(),
            format: None,
            coding: None,
            controls: BTreeMap::new(),
        };
        let Err(error) = opener.open() else { panic!("a device that is not there was opened") };
        assert!(error.for_people().contains("Plug the camera in"), "{error}");
    }
}
