//! The far ends of the wires: real ones, or the demo's.

use bytes::Bytes;
use camera::OpenSource;
use domain::{Camera, Clock, DemoFault, Printer, PrinterId};
use printer::OpenPort;
use sandbox::Decoders;
use std::sync::Arc;

/// Makes what stands at the far end of a port or a camera. Two users exist: the app and the tests' simulators.
pub trait DeviceFactory: Send + Sync {
    /// Returns how to open this printer's port, or `None` while no port is chosen.
    fn printer(&self, printer: &Printer, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenPort>>;

    /// Returns how to open this camera.
    fn camera(&self, camera: &Camera, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenSource>>;

    /// Returns how decoders of H.264 are started, for cameras that are tried and for films.
    fn decoders(&self) -> Decoders;

    /// Provokes or ends a fault of the demo.
    ///
    /// # Errors
    /// A text for people when the fault is unknown or there is no demo.
    fn demo_fault(&self, printer: PrinterId, fault: DemoFault, on: bool) -> Result<(), String>;

    /// Returns name and content of the demo's sample print.
    fn sample_file(&self) -> Option<(String, Vec<u8>)>;

    /// Returns a picture of a failing or a good print, for trying the detection.
    fn sample_picture(&self, failing: bool) -> Option<Bytes>;
}
