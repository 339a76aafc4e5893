//! One picture of a camera that is not running yet: for the set-up's preview and the command line.

use crate::device::DeviceOpener;
use crate::http::{HttpOpener, Kind};
use crate::reader::guarded;
use crate::rtsp::RtspOpener;
use crate::tables::completed;
use crate::{CameraError, OpenSource, StopFlag, read_head};
use bytes::Bytes;
use domain::CameraSource;
use sandbox::Decoders;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

/// How long a camera may take for its first good picture.
const PATIENCE: Duration = Duration::from_secs(15);

/// Pictures of a device that are looked at before one is taken: the first ones are dark.
const SETTLING: usize = 8;

/// Returns what opens a camera, whose stream is decoded by one of `decoders`; `None` for the demo's and an agent's, which are
/// no cameras of ours.
pub fn opener_for(source: &CameraSource, decoders: &Decoders) -> Option<Box<dyn OpenSource>> {
    match source.clone() {
        CameraSource::Device { device, format, coding, controls } => {
            Some(Box::new(DeviceOpener { device, format, coding, controls }))
        }
        CameraSource::Snapshot { url, certificate } => {
            Some(Box::new(HttpOpener::new(url, certificate, Kind::Snapshot)))
        }
        CameraSource::Mjpeg { url, certificate } => {
            Some(Box::new(HttpOpener::new(url, certificate, Kind::Mjpeg)))
        }
        CameraSource::Rtsp { url } => Some(Box::new(RtspOpener::new(url, decoders.clone()))),
        CameraSource::Agent { .. } | CameraSource::Demo { .. } => None,
    }
}

/// Opens a camera, takes one picture as the camera gives it, and closes it again. Blocks up to 15 seconds.
///
/// # Errors
/// What is wrong with the camera; [`CameraError::Busy`] too when a camera of ours runs on the same device.
pub fn one_frame(source: &CameraSource, decoders: &Decoders) -> Result<Bytes, CameraError> {
    let Some(mut opener) = opener_for(source, decoders) else {
        return Err(CameraError::Other {
            what: "the demo camera runs with the demo printer only".into(),
            cure: "Start the demo printer.".into(),
        });
    };
    let tries = if matches!(source, CameraSource::Device { .. }) { SETTLING } else { 1 };
    let (tell, told) = sync_channel(1);
    let stop = StopFlag::default();
    opener.watch_stop(stop.clone());
    let work = move || {
        // Nobody listens any more when it took too long.
        let _ = tell.send(guarded(|| shoot(opener, tries)));
    };
    Builder::new().name("camera-try".into()).spawn(work).map_err(|e| CameraError::Other {
        what: format!("the camera could not be tried: {e}"),
        cure: "Close other programs, then try again.".into(),
    })?;
    let told = told.recv_timeout(PATIENCE);
    // What is not done by now is not wanted any more.
    stop.set();
    match told {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Err(CameraError::Silent { secs: PATIENCE.as_secs() })
        }
    }
}

/// Takes the last of `tries` whole pictures.
fn shoot(mut opener: Box<dyn OpenSource>, tries: usize) -> Result<Bytes, CameraError> {
    let mut source = opener.open()?;
    let mut taken = Err(CameraError::Silent { secs: 0 });
    for _ in 0..tries {
        let jpeg = source.next()?;
        match read_head(&jpeg) {
            Ok(head) => taken = Ok(completed(jpeg.slice(..head.num_bytes))),
            Err(error) if taken.is_err() => taken = Err(error),
            Err(_) => (),
        }
    }
    taken
}
