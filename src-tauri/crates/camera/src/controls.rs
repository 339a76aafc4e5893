//! What can be set at a camera of this computer, where its driver offers it: exposure, focus, white balance and the like;
//! and the sizes and rates that it gives. On Linux this is asked of the driver past the open camera, so that it can be
//! changed while pictures come.

use crate::CameraError;
use crate::device_name::{index_of, told};
use crate::reader::guarded;
use domain::{ControlChoice, DeviceControl, DeviceFormat, DeviceOptions, PictureCoding};
use std::collections::BTreeMap;
use v4l::Device;
use v4l::control::{Control, Description, Flags, MenuItem, Type, Value};
use v4l::format::FourCC;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;

/// What is offered to people: number of the kernel, our name, and what it is called. What decides whether others have an
/// effect comes first, so that it is set first.
const KNOWN: &[(u32, &str, &str)] = &[
    (0x009a_0901, "exposure_mode", "Exposure"),
    (0x009a_0902, "exposure_time", "Exposure time"),
    (0x009a_0903, "exposure_may_slow", "Slower in the dark"),
    (0x0098_0913, "gain", "Gain"),
    (0x009a_090c, "autofocus", "Autofocus"),
    (0x009a_090a, "focus", "Focus"),
    (0x0098_090c, "auto_white_balance", "Automatic white balance"),
    (0x0098_091a, "white_balance", "White balance"),
    (0x0098_0900, "brightness", "Brightness"),
    (0x0098_0901, "contrast", "Contrast"),
    (0x0098_0902, "saturation", "Saturation"),
    (0x0098_091b, "sharpness", "Sharpness"),
    (0x0098_091c, "backlight", "Backlight compensation"),
    (0x0098_0918, "mains_frequency", "Flicker of lamps"),
    (0x009a_090d, "zoom", "Zoom"),
    (0x009a_0908, "pan", "Pan"),
    (0x009a_0909, "tilt", "Tilt"),
];

const CODINGS: [(&[u8; 4], PictureCoding); 3] =
    [(b"MJPG", PictureCoding::Mjpeg), (b"NV12", PictureCoding::Nv12), (b"YUYV", PictureCoding::Yuyv)];

/// Sizes that are looked for in cameras that offer any within bounds.
const USUAL_SIZES: [(u32, u32); 5] = [(640, 480), (800, 600), (1280, 720), (1920, 1080), (3840, 2160)];

/// Rates that are looked for likewise.
const USUAL_FPS: [u32; 5] = [5, 10, 15, 30, 60];

/// Returns what a camera offers. It may be in use.
///
/// # Errors
/// When it is not there or cannot be asked.
pub fn device_options(device: &str) -> Result<DeviceOptions, CameraError> {
    let opened = open(device)?;
    // The library below takes some answers of new kernels for impossible.
    let controls = guarded(|| Ok(controls(&opened))).unwrap_or_default();
    let formats = guarded(|| Ok(formats(&opened))).unwrap_or_default();
    Ok(DeviceOptions { formats, controls })
}

/// Sets a camera as a person wants it. What it does not offer, or refuses, is told in the log and left.
pub(crate) fn set_controls(device: &str, wanted: &BTreeMap<String, i64>) {
    if wanted.is_empty() {
        return;
    }
    let set = guarded(|| {
        let opened = open(device)?;
        let offered = described(&opened);
        for (id, key, _) in KNOWN {
            let Some(value) = wanted.get(*key) else { continue };
            let Some(about) = offered.iter().find(|about| about.id == *id) else { continue };
            let value = (*value).clamp(about.minimum, about.maximum);
            let switch = about.typ == Type::Boolean;
            let value = if switch { Value::Boolean(value != 0) } else { Value::Integer(value) };
            if let Err(error) = opened.set_control(Control { id: *id, value }) {
                tracing::warn!(device, key, %error, "a camera did not take a setting");
            }
        }
        Ok(())
    });
    if let Err(error) = set {
        tracing::warn!(device, %error, "a camera could not be set");
    }
}

fn open(device: &str) -> Result<Device, CameraError> {
    let index = index_of(device)?;
    Device::new(index as usize).map_err(|e| told(device, &e.to_string()))
}

fn described(device: &Device) -> Vec<Description> {
    let usable = |about: &Description| {
        let kinds = [Type::Integer, Type::Boolean, Type::Menu, Type::IntegerMenu];
        kinds.contains(&about.typ) && !about.flags.intersects(Flags::DISABLED | Flags::READ_ONLY)
    };
    device.query_controls().unwrap_or_default().into_iter().filter(usable).collect()
}

fn controls(device: &Device) -> Vec<DeviceControl> {
    let offered = described(device);
    let known = KNOWN.iter().filter_map(|(id, key, label)| {
        let about = offered.iter().find(|about| about.id == *id)?;
        let set = device.control(*id).ok()?.value;
        let value = match (&set, set == Value::Boolean(true)) {
            (Value::Integer(value), _) => *value,
            (_, on) => i64::from(on),
        };
        Some(DeviceControl {
            key: (*key).into(),
            label: (*label).into(),
            min: about.minimum,
            max: about.maximum,
            step: i64::try_from(about.step).unwrap_or(1).max(1),
            default: about.default,
            value,
            inactive: about.flags.contains(Flags::INACTIVE),
            choices: about.items.iter().flatten().map(choice).collect(),
        })
    });
    known.collect()
}

fn choice((value, item): &(u32, MenuItem)) -> ControlChoice {
    ControlChoice { value: i64::from(*value), label: item.to_string() }
}

fn formats(device: &Device) -> Vec<DeviceFormat> {
    let mut found = Vec::new();
    for (code, coding) in CODINGS {
        let code = FourCC::new(code);
        for size in device.enum_framesizes(code).unwrap_or_default() {
            for (width, height) in sizes(size.size) {
                let rates = device.enum_frameintervals(code, width, height).unwrap_or_default();
                let rates = rates.into_iter().flat_map(|rate| fps(rate.interval));
                found.extend(rates.map(|fps| DeviceFormat { width, height, fps, coding }));
            }
        }
    }
    // Stable: those that are less work come first among equals.
    found.sort_by_key(|f| std::cmp::Reverse((f.width * f.height, f.width, f.fps)));
    found.dedup();
    found
}

fn sizes(offered: FrameSizeEnum) -> Vec<(u32, u32)> {
    match offered {
        FrameSizeEnum::Discrete(size) => vec![(size.width, size.height)],
        FrameSizeEnum::Stepwise(step) => {
            let (widths, heights) = (step.min_width..=step.max_width, step.min_height..=step.max_height);
            let fits = |size: &(u32, u32)| widths.contains(&size.0) && heights.contains(&size.1);
            USUAL_SIZES.into_iter().filter(fits).collect()
        }
    }
}

fn fps(offered: FrameIntervalEnum) -> Vec<u32> {
    let whole = |numerator: u32, denominator: u32| (denominator / numerator.max(1)).max(1);
    match offered {
        FrameIntervalEnum::Discrete(each) => vec![whole(each.numerator, each.denominator)],
        FrameIntervalEnum::Stepwise(step) => {
            let most = whole(step.min.numerator, step.min.denominator);
            let least = whole(step.max.numerator, step.max.denominator);
            USUAL_FPS.into_iter().filter(|fps| (least..=most).contains(fps)).collect()
        }
    }
}
