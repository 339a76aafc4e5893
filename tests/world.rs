//! The whole core on the simulators: a data folder, a station, the demo printer, and a detector that sees what the
//! simulator knows. Only the far ends and the eye are stand-ins; everything between is the app's own.

use detect::{DetectError, Detector, Findings, OpenModels, Picture, look_here};
use domain::{
    Detection, FileId, Leave, PixelBox, PrintId, PrinterId, PrinterKind, PrinterView, Request, View,
};
use sandbox::Decoders;
use sim::{SimHandle, SimOptions};
use station::{Config, DeviceFactory, NewPrinter, NoAwake, Station};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use vigil::far::Far;

/// Demo seconds in a real one: a look every fifth of a second.
pub const SPEED: f64 = 50.0;

/// How a world differs from the usual one.
#[derive(Default)]
pub struct Options {
    /// Of the simulated printer.
    pub sim: SimOptions,
    /// Free space below which no pictures are kept, bytes.
    pub reserve_bytes: u64,
    /// Without a detector: the text that says why.
    pub no_detector: Option<String>,
    /// Which detector, when there is one.
    pub eye: Eye,
    /// Demo seconds in a real one; 0 is [`SPEED`].
    pub demo_scale: f64,
    /// What decodes H.264; in this process unless set.
    pub decoders: Option<Decoders>,
}

/// Which detector looks.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Eye {
    /// One that knows the simulator, in no time.
    #[default]
    Knowing,
    /// The app's own model.
    Model,
}

/// A core that runs.
pub struct World {
    /// Everything is kept here; gone with the world.
    pub dir: TempDir,
    /// The core.
    pub station: Station,
    /// The demo printer.
    pub printer: PrinterId,
    far: Arc<Far>,
}

/// Sees a tangle when the simulator has one, and in the sample of a fire drill.
struct Knowing {
    far: Arc<Far>,
    sample: Option<Picture>,
}

impl Knowing {
    fn new(far: Arc<Far>) -> Self {
        let sample = far.sample_picture(true).and_then(|jpeg| Picture::from_jpeg(&jpeg).ok());
        Self { far, sample }
    }
}

impl Detector for Knowing {
    fn detect(&mut self, picture: &Picture) -> Result<Findings, DetectError> {
        let tangled = self.far.running().is_some_and(|sim| sim.state().tangled)
            || self.sample.as_ref() == Some(picture);
        let (probability, p) = if tangled { (0.97, 1.6) } else { (0.01, 0.02) };
        let area = PixelBox { x: 100.0, y: 80.0, w: 200.0, h: 120.0 };
        let boxes = if tangled {
            vec![Detection { class: "failure".into(), confidence: 0.97, area }]
        } else {
            vec![]
        };
        Ok(Findings {
            probability,
            p,
            boxes,
            view: View::Whole,
            cells: (0..64)
                .map(|cell| if tangled && [18, 19, 26, 27].contains(&cell) { 245 } else { 3 })
                .collect(),
            cell_columns: 8,
            calibration: None,
            scene: None,
            inference_ms: 1.0,
            total_ms: 2.0,
        })
    }

    fn name(&self) -> String {
        "knows the simulator".into()
    }
}

impl World {
    /// Starts a core in a fresh folder, adds the demo printer, and waits until it is ready.
    pub async fn start(options: Options) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (station, far) = start_at(dir.path(), &options).await;
        let printer = station.add_printer(demo_printer()).await.expect("the demo printer is added");
        let world = Self { dir, station, printer, far };
        world
            .until("ready and seen", 20, |v| {
                v.vigil.can.start && v.vigil.camera.as_ref().is_some_and(|c| c.live)
            })
            .await;
        world
    }

    /// Returns the simulated printer.
    pub fn sim(&self) -> SimHandle {
        self.far.running().expect("the printer was opened")
    }

    /// Returns the simulated printer of one of several demo printers.
    pub fn sim_of(&self, printer: PrinterId) -> SimHandle {
        self.far.running_as(printer).expect("the printer was opened")
    }

    /// Returns the printer as everyone sees it.
    pub fn view(&self) -> Arc<PrinterView> {
        self.view_of(self.printer)
    }

    /// Returns one of several printers as everyone sees it.
    pub fn view_of(&self, printer: PrinterId) -> Arc<PrinterView> {
        self.station.snapshot().printers.get(&printer).cloned().expect("the printer is there")
    }

    /// Adds another demo printer and waits until it is ready.
    pub async fn add_demo(&self) -> PrinterId {
        let printer = self.station.add_printer(another_demo()).await.expect("another demo printer is added");
        self.until_of(printer, "ready and seen", 20, |v| {
            v.vigil.can.start && v.vigil.camera.as_ref().is_some_and(|c| c.live)
        })
        .await;
        printer
    }

    /// Waits until the printer is seen so, `secs` real seconds at most.
    pub async fn until(
        &self,
        what: &str,
        secs: u64,
        seen: impl Fn(&PrinterView) -> bool,
    ) -> Arc<PrinterView> {
        self.until_of(self.printer, what, secs, seen).await
    }

    /// Waits until one of several printers is seen so, `secs` real seconds at most.
    pub async fn until_of(
        &self,
        printer: PrinterId,
        what: &str,
        secs: u64,
        seen: impl Fn(&PrinterView) -> bool,
    ) -> Arc<PrinterView> {
        let mut changes = self.station.subscribe();
        let wait = changes.wait_for(|now| now.printers.get(&printer).is_some_and(|view| seen(view)));
        let done =
            tokio::time::timeout(Duration::from_secs(secs), wait).await.is_ok_and(|found| found.is_ok());
        let view = self.view_of(printer);
        assert!(done, "not seen within {secs} s: {what}; instead {:?}, {:#?}", view.status.state, view.vigil);
        view
    }

    /// Waits until the simulator is so, `secs` real seconds at most.
    pub async fn until_sim(&self, what: &str, secs: u64, is: impl Fn(&SimHandle) -> bool) {
        self.until_sim_of(self.printer, what, secs, is).await;
    }

    /// Waits until the simulator of one of several demo printers is so, `secs` real seconds at most.
    pub async fn until_sim_of(
        &self,
        printer: PrinterId,
        what: &str,
        secs: u64,
        is: impl Fn(&SimHandle) -> bool,
    ) {
        let sim = self.sim_of(printer);
        for _ in 0..secs * 50 {
            if is(&sim) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the simulator was not so within {secs} s: {what}; {:?}", sim.state());
    }

    /// Asks, and expects that it is done.
    pub async fn ask(&self, request: Request) -> Option<PrintId> {
        self.station.ask(request.clone()).await.unwrap_or_else(|error| panic!("{request:?}: {error:?}"))
    }

    /// Starts the sample print and waits until it lies down filament.
    pub async fn print_sample(&self) -> PrintId {
        self.print_sample_on(self.printer).await
    }

    /// Starts the sample print on one of several printers and waits until it lies down filament.
    pub async fn print_sample_on(&self, printer: PrinterId) -> PrintId {
        let files = self
            .station
            .store()
            .read(|conn| store::file::list(conn, &all_files()))
            .expect("files are listed");
        let file = files.0.first().expect("the sample is in the library").clone();
        let print = self.start_file_on(printer, file.id, &file.filename).await;
        self.until_of(printer, "printing", 60, |view| {
            view.status.state.text == "Printing" && view.vigil.state_word == "Printing"
        })
        .await;
        print
    }

    /// Starts a file of the library.
    pub async fn start_file(&self, file: FileId, name: &str) -> PrintId {
        self.start_file_on(self.printer, file, name).await
    }

    async fn start_file_on(&self, printer: PrinterId, file: FileId, name: &str) -> PrintId {
        let path = self.station.file_path(file);
        let (name, past) = (name.into(), domain::PastTimes::default());
        let (file, done_lines, left_out) = (Some(file), 0, Vec::new());
        let start = Request::Start { printer, file, path, name, past, done_lines, left_out };
        self.ask(start).await.expect("a print number")
    }

    /// Waits for so many looks of the print under way.
    pub async fn until_looks(&self, looks: u32, secs: u64) {
        self.until("looks", secs, |view| view.vigil.watch.frame_num >= looks).await;
    }

    /// Waits until the stored row of a print is so, `20` real seconds at most.
    pub async fn until_row(&self, what: &str, print: PrintId, is: impl Fn(&domain::Print) -> bool) {
        for _ in 0..400 {
            let row = self.station.store().read(|conn| store::print::get(conn, print)).expect("readable");
            if row.as_ref().is_some_and(&is) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let row = self.station.store().read(|conn| store::print::get(conn, print));
        panic!("the stored print was not so: {what}; {row:#?}");
    }

    /// Returns what was executed since the command number `from`, without queries.
    pub fn executed_since(&self, from: usize) -> Vec<String> {
        let queries = ["M105", "M114", "M155", "M27", "M115", "M110"];
        let all = self.sim().commands().into_iter().skip(from).map(|command| command.text);
        all.filter(|text| !queries.iter().any(|query| text.starts_with(query))).collect()
    }

    /// Ends the core.
    pub async fn end(self) {
        self.station.shutdown(Leave::AsItIs).await;
    }
}

/// The demo printer, to be added.
pub fn demo_printer() -> NewPrinter {
    NewPrinter {
        name: "Demo printer".into(),
        kind: PrinterKind::Demo,
        port: None,
        camera: None,
        auth_token: "0123456789abcdef0123".into(),
    }
}

/// One more demo printer, to be added: as the first, and another.
pub fn another_demo() -> NewPrinter {
    NewPrinter { auth_token: api::new_auth_token(), ..demo_printer() }
}

/// Starts a core at a folder, without adding anything.
pub async fn start_at(dir: &Path, options: &Options) -> (Station, Arc<Far>) {
    let decoders = options.decoders.clone().unwrap_or_else(Decoders::here);
    let far = Arc::new(Far::with_options(options.sim.clone()).decoding_by(decoders));
    let eye = far.clone();
    let (missing, which) = (options.no_detector.clone(), options.eye);
    let station = Station::start(Config {
        data_dir: dir.to_path_buf(),
        version: "0.0.0-test".into(),
        demo_scale: if options.demo_scale > 0.0 { options.demo_scale } else { SPEED },
        reserve_bytes: options.reserve_bytes,
        device_factory: far.clone(),
        models: OpenModels::here(Box::new(move |_| match &missing {
            None if which == Eye::Model => Ok(look_here(vigil::far::load_detector()?)),
            None => Ok(look_here(Box::new(Knowing::new(eye.clone())))),
            Some(why) => Err(DetectError::Model { path: "printvigil.onnx".into(), reason: why.clone() }),
        })),
        awake: Box::new(NoAwake),
    })
    .await
    .expect("the core starts");
    (station, far)
}

fn all_files() -> store::file::FileQuery {
    store::file::FileQuery { limit: 100, ..Default::default() }
}
