//! Where a driver cannot be asked past an open camera: the app chooses size and rate, and nothing can be set.

use crate::CameraError;
use crate::device_name::index_of;
use domain::DeviceOptions;
use std::collections::BTreeMap;

/// Returns what a camera offers that is known without opening it: nothing but that it is there.
///
/// # Errors
/// When it is not there.
pub fn device_options(device: &str) -> Result<DeviceOptions, CameraError> {
    index_of(device)?;
    Ok(DeviceOptions::default())
}

/// Nothing can be set here.
pub(crate) fn set_controls(_device: &str, _wanted: &BTreeMap<String, i64>) {}
