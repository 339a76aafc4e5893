//! A hub on a desk: one printer, one camera, a clock that is turned by hand.

use crate::{Hub, HubBoot};
use domain::{
    Answer, Camera, CameraHealth, CameraId, CameraSource, Detection, Effect, Event, FileId, Firmware,
    FrameId, FrameInfo, Initiator, JobPhase, JobReport, LinkChange, LinkState, Look, Now, PixelBox,
    PredictionState, Print, PrintId, Printer, PrinterId, PrinterKind, PrinterReport, PrinterState,
    PrinterView, ReplyTo, Request, Rotation, StoreFault, Temperature, View, Write,
};

pub(super) const ID: PrinterId = PrinterId(1);
pub(super) const CAMERA: CameraId = CameraId(1);

pub(super) struct Desk {
    pub(super) hub: Hub,
    pub(super) boot_effects: Vec<Effect>,
    pub(super) ms: u64,
    pub(super) report: PrinterReport,
    next_frame: i64,
    next_reply: u64,
}

pub(super) fn camera() -> Camera {
    Camera {
        id: CAMERA,
        name: "Desk camera".into(),
        source: CameraSource::device("/dev/video0"),
        rotation: Rotation::Deg90,
        flip_h: true,
        flip_v: false,
        crop: None,
    }
}

pub(super) fn printer() -> Printer {
    let mut printer =
        Printer::new(ID, "Ender", PrinterKind::Serial, Now::at(0).utc, "0123456789abcdef0123".into());
    printer.camera = Some(CAMERA);
    // Most of these tests tell Obico's rule look by look; ours has its own.
    printer.watch.rule = domain::Rule::Obico;
    printer.port = Some(domain::PortChoice { path: "/dev/ttyUSB0".into(), baud: 115_200 });
    printer
}

/// The rule's memory of a printer that has printed well for hours.
pub(super) fn experienced() -> PredictionState {
    PredictionState {
        lifetime_frame_num: 3000,
        rolling_mean_long: 0.02,
        ..PredictionState::fresh(ID, Now::at(0).utc)
    }
}

pub(super) fn boot(printer: Printer, open_prints: Vec<Print>) -> HubBoot {
    HubBoot {
        printers: vec![printer],
        cameras: vec![camera()],
        ignore: Default::default(),
        scales: Default::default(),
        predictions: vec![experienced()],
        open_prints,
        last_prints: Vec::new(),
        queues: Default::default(),
        spools: Default::default(),
        next_print: PrintId(7),
        dh_balance: 1e8,
        version: "0.1.0".into(),
        demo_scale: 10.0,
        idle_heat_mins: 15,
        remind_after_mins: None,
    }
}

fn heater(target: f64) -> Temperature {
    Temperature { actual: target, target: Some(target), offset: 0.0 }
}

/// What a printer reports before it is connected.
pub(super) fn report() -> PrinterReport {
    PrinterReport {
        state: PrinterState::Offline,
        link: LinkState::Closed,
        port: Some("/dev/ttyUSB0".into()),
        baud: Some(115_200),
        firmware: Some(Firmware { name: "Marlin 2.1.2".into(), ..Firmware::default() }),
        temperatures: [("tool0".to_owned(), heater(0.0)), ("bed".to_owned(), heater(0.0))].into(),
        temperatures_at: None,
        sd_ready: false,
        sd: None,
        job: None,
        position_mm: None,
        resends: 0,
        lost_answers: 0,
        lines_sent: 0,
        machine: None,
        usb: None,
        at_work: None,
        tools: Default::default(),
        agent: None,
    }
}

impl Desk {
    /// A printer that answers, with a camera that shows it, a model that looks, and nothing to do.
    pub(super) fn ready() -> Self {
        Self::ready_with(boot(printer(), Vec::new()))
    }

    pub(super) fn ready_with(boot: HubBoot) -> Self {
        let mut desk = Self::booted(boot);
        desk.event(Event::Camera(CAMERA, CameraHealth::Live { width: 1280, height: 720 }));
        desk.event(Event::Detector(Ok("house model 1".into())));
        desk.report.link = LinkState::Up;
        desk.state(PrinterState::Operational);
        desk.link(LinkChange::Up { hot: false });
        desk
    }

    pub(super) fn booted(boot: HubBoot) -> Self {
        let (hub, boot_effects) = Hub::new(boot, Now::at(0));
        let report = report();
        Self { hub, boot_effects, ms: 0, report, next_frame: 100, next_reply: 1 }
    }

    /// A print that has been running for 300 clean frames, so the rule is awake.
    pub(super) fn printing() -> Self {
        Self::printing_with(boot(printer(), Vec::new()))
    }

    pub(super) fn printing_with(boot: HubBoot) -> Self {
        let mut desk = Self::ready_with(boot);
        desk.start();
        for _ in 0..300 {
            desk.look(0.02);
        }
        desk
    }

    /// Starts print 7 and lets its first lines run.
    pub(super) fn start(&mut self) -> Vec<Effect> {
        self.started_before(domain::PastTimes::default())
    }

    /// Starts a print of a file that was printed before.
    pub(super) fn started_before(&mut self, past: domain::PastTimes) -> Vec<Effect> {
        let (_, mut effects) = self.ask(start_request_after(past));
        effects.extend(self.link(LinkChange::Started(PrintId(7))));
        self.report.job = Some(job());
        self.report.temperatures =
            [("tool0".to_owned(), heater(205.0)), ("bed".to_owned(), heater(60.0))].into();
        effects.extend(self.state(PrinterState::Printing));
        effects
    }

    pub(super) fn now(&self) -> Now {
        Now::at(self.ms)
    }

    pub(super) fn event(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.hub.step(event, self.now());
        let first_other =
            effects.iter().position(|e| !matches!(e, Effect::Order(..))).unwrap_or(effects.len());
        assert!(!effects[first_other..].iter().any(|e| matches!(e, Effect::Order(..))), "orders come first");
        effects
    }

    pub(super) fn link(&mut self, change: LinkChange) -> Vec<Effect> {
        self.event(Event::Link(ID, change))
    }

    /// The printer reports this state.
    pub(super) fn state(&mut self, state: PrinterState) -> Vec<Effect> {
        self.report.state = state;
        self.event(Event::Status(ID, Box::new(self.report.clone())))
    }

    pub(super) fn target(&mut self, heater_name: &str, target: f64) -> Vec<Effect> {
        self.report.temperatures.insert(heater_name.into(), heater(target));
        self.state(self.report.state)
    }

    pub(super) fn frame(&mut self) -> FrameInfo {
        self.next_frame += 1;
        FrameInfo {
            camera: CAMERA,
            id: FrameId(self.next_frame),
            taken: self.now(),
            width: 1280,
            height: 720,
        }
    }

    /// Ten seconds later, a new frame that was looked at.
    pub(super) fn look(&mut self, p: f64) -> Vec<Effect> {
        self.pass_secs(10.0);
        self.look_now(p)
    }

    pub(super) fn look_now(&mut self, p: f64) -> Vec<Effect> {
        let frame = self.frame();
        self.event(Event::Looked(look_at(frame, p)))
    }

    /// Looks with this p until the printer is ordered to pause; returns after how many, and the effects.
    pub(super) fn fail_until_pause(&mut self, p: f64) -> (usize, Vec<Effect>) {
        for n in 1..=60 {
            let effects = self.look(p);
            if effects.iter().any(|e| matches!(e, Effect::Order(..))) {
                return (n, effects);
            }
        }
        panic!("60 looks with p {p} and no pause");
    }

    /// Lets time pass without a tick.
    pub(super) fn pass_secs(&mut self, secs: f64) {
        self.ms += (secs * 1000.0) as u64;
    }

    /// Lets time pass with a tick each second; returns all that followed.
    pub(super) fn tick_secs(&mut self, secs: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        for _ in 0..secs {
            self.pass_secs(1.0);
            effects.extend(self.event(Event::Tick(ID)));
        }
        effects
    }

    pub(super) fn ask(&mut self, request: Request) -> (Option<Answer>, Vec<Effect>) {
        let to = ReplyTo(self.next_reply);
        self.next_reply += 1;
        let effects = self.event(Event::Asked(request, to));
        (answer(&effects, to), effects)
    }

    /// Asks for what is answered when it is stored, and says how the storing went.
    pub(super) fn ask_stored(
        &mut self,
        request: Request,
        stored: Result<(), StoreFault>,
    ) -> (Answer, Vec<Effect>) {
        let (early, mut effects) = self.ask(request);
        if let Some(refused) = early {
            return (refused, effects);
        }
        let waits = effects.iter().find_map(|effect| {
            if let Effect::Record(Write::Printer(_) | Write::Print(_) | Write::Overwrite { .. }, Some(to)) =
                effect
            {
                Some(*to)
            } else {
                None
            }
        });
        let to = waits.expect("something is stored");
        effects.extend(self.event(Event::Stored(to, stored)));
        (answer(&effects, to).expect("an answer follows"), effects)
    }

    pub(super) fn view(&self) -> PrinterView {
        self.hub.view(ID).expect("a printer was shown")
    }

    pub(super) fn print(&self) -> Print {
        self.hub.current_print(ID).expect("a print is under way").clone()
    }

    /// The printer confirms the pause.
    pub(super) fn confirm_pause(&mut self, by: Initiator) -> Vec<Effect> {
        let mut effects = self.state(PrinterState::Paused);
        effects.extend(self.link(LinkChange::Paused(PrintId(7), by)));
        effects
    }

    /// The person resumes, and the printer does.
    pub(super) fn resume(&mut self) {
        let (answer, _) = self.ask(Request::Resume(ID));
        assert_eq!(answer, Some(Ok(Some(PrintId(7)))), "a paused print can be resumed");
        self.state(PrinterState::Resuming);
        self.link(LinkChange::Resumed(PrintId(7), Initiator::Person));
        self.state(PrinterState::Printing);
    }
}

fn answer(effects: &[Effect], to: ReplyTo) -> Option<Answer> {
    effects.iter().find_map(|effect| match effect {
        Effect::WatchFailed(..) => None,
        Effect::Reply(id, answer) => (*id == to).then(|| answer.clone()),
        Effect::Order(..)
        | Effect::Watch(..)
        | Effect::LookAt(..)
        | Effect::KeepFrame { .. }
        | Effect::ThinFrames(_)
        | Effect::Evidence { .. }
        | Effect::Record(..)
        | Effect::Publish(_)
        | Effect::Notify(_)
        | Effect::KeepLook(_)
        | Effect::Drill(..)
        | Effect::Film(..) => None,
    })
}

pub(super) fn start_request() -> Request {
    start_request_after(domain::PastTimes::default())
}

fn start_request_after(past: domain::PastTimes) -> Request {
    Request::Start {
        printer: ID,
        file: Some(FileId(3)),
        path: "/files/3".into(),
        name: "benchy.gcode".into(),
        past,
        done_lines: 0,
        left_out: Vec::new(),
    }
}

pub(super) fn look_at(frame: FrameInfo, p: f64) -> Look {
    let area = PixelBox { x: 10.0, y: 20.0, w: 30.0, h: 40.0 };
    Look {
        printer: ID,
        frame,
        probability: p.min(1.0),
        p,
        boxes: vec![Detection { class: "failure".into(), confidence: p.min(1.0) as f32, area }],
        view: View::Whole,
        cells: Vec::new(),
        cell_columns: 0,
        calibration: None,
        scene: None,
        drill: false,
        total_ms: 40.0,
        inference_ms: 30.0,
    }
}

pub(super) fn job() -> JobReport {
    JobReport {
        print: PrintId(7),
        file: Some(FileId(3)),
        name: "benchy.gcode".into(),
        phase: JobPhase::Printing,
        line: 10,
        lines: 1000,
        filepos: 500,
        file_bytes: 50_000,
        layer_idx: Some(0),
        layers: Some(190),
        z_mm: Some(0.2),
        print_secs: 5.0,
        heating_secs: 0.0,
        filament_mm: 12.5,
        used: Vec::new(),
        filament_total_mm: Some(4000.0),
        estimated_secs: Some(3600.0),
        analysed_secs: None,
        slicer_left_secs: None,
        left_out: Vec::new(),
        steps: Vec::new(),
        on_card: false,
    }
}
