//! A camera that looks at the simulated printer.

use crate::handle::{SimHandle, real_now};
use crate::machine::Fault;
use crate::scene::Scene;
use bytes::Bytes;
use camera::{CameraError, OpenSource, Source, encode_jpeg};
use std::time::{Duration, Instant};

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
const QUALITY: u8 = 82;

/// Opens the camera that looks at a simulated printer.
#[derive(Clone)]
pub struct DemoCamera {
    printer: SimHandle,
    every: Duration,
}

impl DemoCamera {
    /// Looks at `printer`, `per_second` pictures of real time.
    pub fn new(printer: SimHandle, per_second: f64) -> Self {
        Self { printer, every: Duration::from_secs_f64(1.0 / per_second.clamp(0.1, 60.0)) }
    }
}

impl OpenSource for DemoCamera {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        check(&self.printer)?;
        let scene = Scene::new(WIDTH, HEIGHT, self.printer.options().seed);
        Ok(Box::new(DemoSource { printer: self.printer.clone(), every: self.every, scene, due: real_now() }))
    }
}

struct DemoSource {
    printer: SimHandle,
    every: Duration,
    scene: Scene,
    due: Instant,
}

impl Source for DemoSource {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        let now = real_now();
        std::thread::sleep(self.due.saturating_duration_since(now));
        // A picture that came late does not make the next ones hurry.
        self.due = self.due.max(now) + self.every;
        check(&self.printer)?;
        // Drawing takes a while: the port's thread must not wait for it.
        let (bed, state) = self.printer.look(|bed, state| (bed.clone(), *state));
        self.scene.follow(&bed);
        encode_jpeg(&self.scene.picture(&state), QUALITY).map(Bytes::from)
    }
}

fn check(printer: &SimHandle) -> Result<(), CameraError> {
    if printer.has_fault(Fault::CameraGone) {
        return Err(CameraError::NotFound { device: "the demo printer".into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SimOptions, StepClock};
    use camera::decode_jpeg;
    use std::sync::Arc;

    #[test]
    fn it_gives_pictures_until_it_is_gone_and_again_when_it_is_back() {
        let printer = SimHandle::new(SimOptions::default(), Arc::new(StepClock::new()));
        let mut camera = DemoCamera::new(printer.clone(), 60.0);
        let mut source = camera.open().expect("it is there");
        let picture = decode_jpeg(&source.next().expect("a picture")).expect("a whole JPEG");
        assert_eq!((picture.width, picture.height), (1280, 720));
        printer.set_fault(Fault::CameraGone, true);
        assert!(source.next().is_err());
        assert!(camera.open().is_err());
        printer.set_fault(Fault::CameraGone, false);
        assert!(camera.open().is_ok());
    }
}
