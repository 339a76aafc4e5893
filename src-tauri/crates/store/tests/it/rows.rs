//! Rows with every field set, and a store to put them into.

use domain::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use store::{Boot, Store, StoreOutcome};

/// Long enough for any disk, short enough to notice a hang.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) fn at(n: i64) -> Timestamp {
    Timestamp::from_micros(1_767_225_600_000_001 + n * 1_000_000)
}

pub(crate) fn open(dir: &Path) -> (Store, Boot, Receiver<StoreOutcome>) {
    let (send, outcomes) = sync_channel(10_000);
    let (store, boot) = Store::open(dir, at(0), move |outcome| send.send(outcome).unwrap_or(())).unwrap();
    (store, boot, outcomes)
}

/// Records and waits until it is kept.
pub(crate) fn record(
    store: &Store,
    outcomes: &Receiver<StoreOutcome>,
    write: Write,
) -> Result<(), StoreFault> {
    store.record(write, Some(ReplyTo(77)));
    loop {
        if let StoreOutcome::Stored(ReplyTo(77), result) = outcomes.recv_timeout(SOON).unwrap() {
            return result;
        }
    }
}

pub(crate) fn plain_printer(id: i64) -> Printer {
    Printer::new(PrinterId(id), "Ender", PrinterKind::Serial, at(1), format!("{id:020x}"))
}

pub(crate) fn full_printer(id: i64, camera: CameraId) -> Printer {
    Printer {
        id: PrinterId(id),
        name: "Würfel \"3\"".to_owned(),
        created_at: at(1),
        updated_at: at(2),
        action_on_failure: ActionOnFailure::None,
        watching_enabled: false,
        tools_off_on_pause: false,
        bed_off_on_pause: true,
        retract_on_pause: 0.1 + 0.2,
        lift_z_on_pause: 7.25,
        detective_sensitivity: 1.2,
        min_timelapse_secs_on_finish: -1,
        min_timelapse_secs_on_cancel: 12,
        auth_token: format!("{id:020x}"),
        archived_at: Some(at(3)),
        detection_bending_factor: Some(0.9),
        current_print: Some(PrintId(41)),
        kind: PrinterKind::Agent,
        agent: Some(domain::Agent { name: "moonraker_obico".to_owned(), version: "2.1.4".to_owned() }),
        port: Some(PortChoice { path: "/dev/serial/by-id/usb-1".to_owned(), baud: 250_000 }),
        camera: Some(camera),
        other_cameras: vec![CameraId(2), CameraId(9)],
        watch: WatchSettings {
            rearm_after_not_failed: false,
            printer_resume_answers: false,
            rule: domain::Rule::Obico,
            threshold: 1.25,
            first_layer: true,
        },
        bed_hold_mins: 5,
        max_z_mm: 180.5,
        filament_diameter_mm: 2.85,
        temperature_offsets: BTreeMap::from([("bed".to_owned(), -2.5), ("tool0".to_owned(), 5.0)]),
        temp_profiles: vec![BTreeMap::from([
            ("name".to_owned(), "PLA".into()),
            ("bed".to_owned(), 55.into()),
        ])],
        scripts: domain::Scripts { pause: "M150 R255".to_owned(), ..domain::Scripts::default() },
        usb: Some(domain::UsbIdentity {
            vid: 0x1a86,
            pid: 0x7523,
            serial: None,
            interface: Some(0),
            by_path: Some("/dev/serial/by-path/pci-0".to_owned()),
        }),
        machine: Some(Box::new(domain::MachineProfile {
            firmware: "Marlin 2.1.2".to_owned(),
            capabilities: BTreeMap::from([("EMERGENCY_PARSER".to_owned(), true)]),
            max_feed: Some([500.0, 500.0, 5.0, 25.5]),
            busy_protocol: true,
            ..domain::MachineProfile::default()
        })),
    }
}

pub(crate) fn plain_print(id: i64, printer: i64) -> Print {
    Print::begin(PrintId(id), PrinterId(printer), None, format!("part {id}.gcode"), at(id * 100))
}

pub(crate) fn full_print(id: i64, printer: i64, file: FileId) -> Print {
    Print {
        id: PrintId(id),
        printer: Some(PrinterId(printer)),
        g_code_file: Some(file),
        ext_id: 1_767_225_601,
        filename: "vase.gcode".to_owned(),
        started_at: at(1),
        finished_at: None,
        cancelled_at: Some(at(2)),
        ended_by: Some(EndedBy::Interrupted),
        ended_why: Some("the cable was pulled".to_owned()),
        uploaded_at: Some(at(3)),
        alerted_at: Some(at(4)),
        alert_acknowledged_at: Some(at(5)),
        alert_muted_at: Some(at(6)),
        paused_at: Some(at(7)),
        alert_overwrite: Some(AlertOverwrite::NotFailed),
        video_url: Some("media/1.mp4".to_owned()),
        tagged_video_url: Some("media/1_tagged.mp4".to_owned()),
        poster_url: Some("media/1.jpg".to_owned()),
        access_consented_at: Some(at(8)),
        filament_used: Some(1234.5),
        print_time: Some(3600.25),
        demo: true,
    }
}

pub(crate) fn full_event(id: i64, print: i64, printer: i64) -> PrinterEvent {
    PrinterEvent {
        id: EventId(id),
        print: Some(PrintId(print)),
        printer: PrinterId(printer),
        event_type: EventType::FailureAlerted,
        event_class: EventClass::Error,
        event_title: "It may be failing".to_owned(),
        event_text: "Seen 6 times in 60 seconds.".to_owned(),
        image_url: Some("media/frames/7.jpg".to_owned()),
        info_url: Some("help/alerts".to_owned()),
        initiator: Initiator::Detection,
        created_at: at(9),
    }
}

pub(crate) fn state(printer: i64, frames: u32) -> PredictionState {
    PredictionState {
        printer: PrinterId(printer),
        current_frame_num: frames,
        lifetime_frame_num: frames + 1000,
        current_p: 0.1,
        ewm_mean: 0.2,
        rolling_mean_short: 1.0 / 3.0,
        rolling_mean_long: 0.021_234_567_890_123_4,
        normalized_p: 0.5,
        updated_at: at(10),
    }
}

pub(crate) fn full_look(print: i64, printer: i64, frame: i64) -> LookRow {
    LookRow {
        print: PrintId(print),
        frame: FrameId(frame),
        taken_at: at(frame),
        probability: 0.75,
        p: 1.9,
        state: state(printer, 31),
        boxes: vec![Detection {
            class: "failure".to_owned(),
            confidence: 0.8,
            area: PixelBox { x: 1.5, y: 2.0, w: 30.25, h: 40.0 },
        }],
        line: Some(123_456),
        layer_idx: Some(7),
    }
}

pub(crate) fn full_frame(print: i64, frame: i64, why: KeepWhy) -> FrameRow {
    FrameRow {
        id: FrameId(frame),
        print: PrintId(print),
        camera: CameraId(1),
        taken_at: at(frame),
        path: format!("frames/{print}/{frame}.jpg"),
        width: 1280,
        height: 960,
        num_bytes: 123_456,
        why: why.word().to_owned(),
        line: Some(99),
        layer_idx: Some(3),
    }
}

pub(crate) fn full_file(name: &str, folder: Option<FolderId>) -> GCodeFile {
    GCodeFile {
        id: FileId(0),
        user: UserId(1),
        filename: name.to_owned(),
        safe_filename: safe_filename(name),
        parent_folder: folder,
        url: format!("files/{name}"),
        num_bytes: 1000 + name.len() as u64,
        agent_signature: Some(format!("sha256:{name}")),
        metadata_json: Some("{\"layer_height\":0.2}".to_owned()),
        filament_total: Some(4321.5),
        estimated_time: Some(3599.5),
        thumbnail1_url: Some(format!("files/{name}.png")),
        created_at: at(1),
        updated_at: at(2),
        deleted: None,
    }
}

pub(crate) fn full_camera(name: &str) -> Camera {
    Camera {
        id: CameraId(0),
        name: name.to_owned(),
        source: CameraSource::Device {
            device: "/dev/video0".to_owned(),
            format: Some((1280, 720, 30)),
            coding: Some(domain::PictureCoding::Nv12),
            controls: [("focus".to_owned(), 30)].into(),
        },
        rotation: Rotation::Deg270,
        flip_h: true,
        flip_v: true,
        crop: Some(domain::Crop { x: 10, y: 20, w: 700, h: 800 }),
    }
}
