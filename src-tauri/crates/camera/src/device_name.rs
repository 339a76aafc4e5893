//! Cameras of this computer as the settings name them, and what their drivers say put in words.

use crate::CameraError;

/// Returns the number of a device as the settings name it: a number, a node, or a link to one.
pub(crate) fn index_of(device: &str) -> Result<u32, CameraError> {
    let not_found = || CameraError::NotFound { device: device.into() };
    if let Ok(index) = device.parse() {
        return Ok(index);
    }
    let node = std::path::Path::new(device).canonicalize().map_err(|_| not_found())?;
    let name = node.file_name().and_then(|n| n.to_str()).ok_or_else(not_found)?;
    name.strip_prefix("video").and_then(|n| n.parse().ok()).ok_or_else(not_found)
}

/// Sorts the driver's words by what a person can do.
pub(crate) fn told(device: &str, reason: &str) -> CameraError {
    let device = device.to_string();
    let says = |words: &[&str]| words.iter().any(|w| reason.to_ascii_lowercase().contains(w));
    if says(&["os error 16", "busy", "in use"]) {
        CameraError::Busy { device }
    } else if says(&["os error 13", "os error 1)", "permission denied", "access denied", "not authorized"]) {
        CameraError::Denied { device }
    } else if says(&["os error 2)", "os error 19", "no such", "not found"]) {
        CameraError::NotFound { device }
    } else {
        CameraError::Device { device, reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drivers_words_become_something_to_do() {
        let cases = [
            ("Could not open device stream: Device or resource busy (os error 16)", "Close other programs"),
            ("Could not open device 0: V4L2 Error: Permission denied (os error 13)", "log out and in"),
            ("Could not capture frame: No such device (os error 19)", "Plug the camera in"),
            ("Could not capture frame: Input/output error (os error 5)", "Unplug the camera"),
        ];
        for (reason, cure) in cases {
            let text = told("/dev/video0", reason).for_people();
            assert!(!cfg!(target_os = "linux") || text.contains(cure), "{reason}: {text}");
        }
    }
}
