//! The far ends of the wires: serial ports and cameras, or the demo's simulators.

use crate::places;
use bytes::Bytes;
use camera::OpenSource;
use detect::{DetectError, Detector, Eye, EyeProcess, Limits, ModelFiles, OpenModels};
use domain::{
    Camera, CameraSource, Clock, DemoFault, Millis, PortChoice, Printer, PrinterId, PrinterKind, UsbIdentity,
};
use printer::{OpenPort, SerialOpener};
use sandbox::Decoders;
use sim::{DemoCamera, Fault, SimHandle, SimOpener, SimOptions};
use station::DeviceFactory;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// In the demo the print comes loose so long after its first extruding move: late enough for the watch to know the
/// print, and so early that it is caught by about half of it.
pub const TANGLE_AFTER_MS: Millis = 420_000;

/// Pictures of the demo camera in a real second.
const DEMO_FRAMES_PER_SEC: f64 = 6.0;

fn serial(port: &PortChoice, usb: Option<&UsbIdentity>) -> SerialOpener {
    SerialOpener::new(port.path.as_str(), port.baud).with_identity(usb.cloned())
}

/// Real ports and cameras, and a simulated printer for each demo printer.
pub struct Far {
    demos: Mutex<Demos>,
    options: SimOptions,
    decoders: Decoders,
}

/// The simulated printers that were asked for so far.
#[derive(Default)]
struct Demos {
    of: BTreeMap<PrinterId, SimHandle>,
    /// A camera that names no printer was opened before any: the next printer is what it shows.
    unclaimed: Option<SimHandle>,
}

impl Demos {
    fn first(&self) -> Option<&SimHandle> {
        self.of.values().next().or(self.unclaimed.as_ref())
    }
}

impl Far {
    /// Uses other settings for the simulated printer, and decodes in this process; for tests.
    pub fn with_options(options: SimOptions) -> Self {
        Self { demos: Mutex::default(), options, decoders: Decoders::here() }
    }

    /// Has H.264 decoded by others.
    pub fn decoding_by(self, decoders: Decoders) -> Self {
        Self { decoders, ..self }
    }

    /// As the app does it: the demo's print comes loose after a while, and streams are decoded apart.
    pub fn demo() -> Self {
        let options = SimOptions {
            tangle_after_clock_ms: Some(TANGLE_AFTER_MS),
            // Nobody asks afterwards: a demo of days must not grow by what it did.
            remembers: 1_000,
            ..SimOptions::default()
        };
        Self::with_options(options).decoding_by(decoders_apart())
    }

    /// Returns the first simulated printer, once it or its camera was opened.
    pub fn running(&self) -> Option<SimHandle> {
        self.demos().first().cloned()
    }

    /// Returns the simulated printer of a demo printer, once it or its camera was opened.
    pub fn running_as(&self, printer: PrinterId) -> Option<SimHandle> {
        self.demos().of.get(&printer).cloned()
    }

    /// Returns what a demo printer is, or, for cameras from before there could be several, the first there is. Printer
    /// and camera are the same one whoever asks first.
    fn simulated(&self, printer: Option<PrinterId>, clock: Arc<dyn Clock>) -> SimHandle {
        let mut demos = self.demos();
        let new = || SimHandle::new(self.options.clone(), clock);
        match printer {
            Some(id) => {
                let Demos { of, unclaimed } = &mut *demos;
                of.entry(id).or_insert_with(|| unclaimed.take().unwrap_or_else(new)).clone()
            }
            None => match demos.first() {
                Some(first) => first.clone(),
                None => demos.unclaimed.insert(new()).clone(),
            },
        }
    }

    fn demos(&self) -> MutexGuard<'_, Demos> {
        // Whoever panicked with it left no half of anything: each change is one step.
        self.demos.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DeviceFactory for Far {
    fn printer(&self, printer: &Printer, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenPort>> {
        match printer.kind {
            PrinterKind::Demo => Some(Box::new(SimOpener::new(self.simulated(Some(printer.id), clock)))),
            // Its agent comes to us.
            PrinterKind::Agent => None,
            PrinterKind::Serial => Some(Box::new(serial(printer.port.as_ref()?, printer.usb.as_ref()))),
        }
    }

    fn camera(&self, camera: &Camera, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenSource>> {
        match camera.source {
            CameraSource::Demo { printer } => {
                Some(Box::new(DemoCamera::new(self.simulated(printer, clock), DEMO_FRAMES_PER_SEC)))
            }
            // Its pictures come through the API.
            CameraSource::Agent { .. } => None,
            CameraSource::Device { .. }
            | CameraSource::Snapshot { .. }
            | CameraSource::Mjpeg { .. }
            | CameraSource::Rtsp { .. } => camera::opener_for(&camera.source, &self.decoders),
        }
    }

    fn decoders(&self) -> Decoders {
        self.decoders.clone()
    }

    fn demo_fault(&self, printer: PrinterId, fault: DemoFault, on: bool) -> Result<(), String> {
        let fault = match fault {
            DemoFault::Tangle => Fault::Tangle,
            DemoFault::Clogged => Fault::Clogged,
            DemoFault::CameraGone => Fault::CameraGone,
            DemoFault::CablePulled => Fault::CablePulled,
            DemoFault::Noise => Fault::Noise,
            DemoFault::NoOksAfterPause => Fault::NoOksAfterPause,
            DemoFault::Reboot => Fault::Reboot,
            DemoFault::Knob => Fault::Knob,
        };
        let demo = self.running_as(printer).ok_or("this demo printer is not running")?;
        demo.set_fault(fault, on);
        Ok(())
    }

    fn sample_file(&self) -> Option<(String, Vec<u8>)> {
        Some((sim::SAMPLE_NAME.to_owned(), sim::sample_gcode().into()))
    }

    fn sample_picture(&self, failing: bool) -> Option<Bytes> {
        let drawn =
            sim::sample_picture(failing).inspect_err(|error| tracing::error!(%error, "no sample picture"));
        drawn.ok().map(Bytes::from)
    }
}

/// Loads ONNX Runtime and the model that comes with the app, in this process.
///
/// # Errors
/// With what is missing and the cure.
pub fn load_detector() -> Result<Box<dyn Detector>, DetectError> {
    model_files()?.load()
}

/// Opens models in processes of their own, each by this program as `vigil eyes`: native code that fails there cannot hurt
/// a print.
pub fn models_apart() -> OpenModels {
    OpenModels { ours: Box::new(|_| apart(&model_files()?)), brought: Arc::new(apart) }
}

fn apart(files: &ModelFiles) -> Result<Box<dyn Eye>, DetectError> {
    let not_found = |e: std::io::Error| DetectError::Stopped { reason: e.to_string() };
    let command = own_program("eyes").map_err(not_found)?;
    let limits = match &files.settings {
        None => Limits::default(),
        // Whoever brings a model was told how slow it is here, and uses it all the same.
        Some(_) => Limits { look: Duration::from_secs(15), ..Limits::default() },
    };
    Ok(Box::new(EyeProcess::start(command, files, limits)?))
}

/// Decodes H.264 in processes of their own, each by this program as `vigil decode`.
pub fn decoders_apart() -> Decoders {
    Decoders::apart(|| own_program("decode"))
}

/// Returns how this very program is started again with an argument, also after an update has put another one in its place.
fn own_program(argument: &str) -> std::io::Result<Command> {
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { running } else { std::env::current_exe()? };
    let mut command = Command::new(program);
    command.arg(argument);
    // So that it is known in a list of processes.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, "vigil");
    Ok(command)
}

fn model_files() -> Result<ModelFiles, DetectError> {
    let dirs = [places::data_dir()];
    Ok(ModelFiles {
        runtime: detect::find_runtime(&dirs)?,
        model: detect::find_model(&dirs)?,
        settings: None,
    })
}
