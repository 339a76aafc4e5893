//! Ids, units, the Obico records, and what flows between the parts: events, effects, orders, looks.
//!
//! Pure: no I/O, no clock, no threads. Records have one JSON form, Obico's, so they are written once, here.
//!
//! # Glossary
//!
//! | word | meaning |
//! |---|---|
//! | print | one run of a file on a printer; *job* is our own background work |
//! | pause, cancel, emergency stop | resumable; ends the print; M112, the firmware halts |
//! | hotend, bed | heaters, `tool0` and `bed` on the wire of the API |
//! | line, resend, window | numbered serial line; the printer's wish; lines we can replay |
//! | layer | `layer_idx` from 0 in code, from 1 for people |
//! | frame, snapshot, shot | camera picture; kept on disk; shown for a person's feedback |
//! | detection, score, verdict | one box; summed confidence; the decision |
//! | look | one frame, analysed |
//! | probability, p | of the whole picture, 0 to 1; the rule's input, 0 to about 2.5. Never mixed |
//! | model | an ONNX file, never a database record |

mod camera;
mod command;
mod effect;
mod event;
mod file;
mod film;
mod id;
mod link;
mod look;
mod machine;
mod macros;
mod order;
mod price;
mod print;
mod printer;
mod record;
mod recovery;
mod review;
mod rule;
mod safety;
mod scene;
mod sd;
pub mod statistics;
mod status;
mod storage;
mod time;
mod tools;
mod user;
mod view;
mod view_watch;
mod watch;
mod what_if;

pub use camera::{Camera, CameraHealth, CameraSource, FrameInfo, Rotation, StreamRatio};
pub use command::{
    Busyness, Judgement, LONGEST_COMMAND, MOST_MACRO_LINES, clean_command, cut, expand_macro, judge,
    parameter,
};
pub use effect::{DrillPictures, Effect, KeepWhy, Notice, NoticeKind, Write};
pub use event::{Answer, Event, Initiator, Refusal, ReplyTo, Request, StoreFault};
pub use file::{
    FileExtras, FilePrints, FileVerdict, FileView, FolderExtras, FolderView, GCodeFile, GCodeFolder,
    display_name, safe_filename,
};
pub use film::{Film, FilmPick, FilmQuality, FilmState, FilmStep, FilmView, FilmWish, TimelapseOptions};
pub use id::{CameraId, EventId, FileId, FolderId, FrameId, MacroId, PrintId, PrinterId, ShotId, UserId};
pub use link::{
    Firmware, JobEnd, JobPhase, JobReport, LinkChange, LinkState, PauseStep, PrinterReport, Traffic,
    TrafficDirection,
};
pub use look::{Detection, FrameRow, Look, LookRow, PixelBox};
pub use machine::{Area, MachineProfile, SafetyGrade, SafetyNote, UsbIdentity};
pub use macros::{LONGEST_MACRO, LONGEST_MACRO_NAME, Macro};
pub use order::{Axis, Heater, Leave, Order, PastTimes, PauseRecipe, StartJob};
pub use price::FilamentPrice;
pub use print::{
    AlertOverwrite, EndedBy, EventClass, EventType, Print, PrintShotFeedback, PrinterEvent, ShotAnswer,
};
pub use printer::{ActionOnFailure, PortChoice, Printer, PrinterKind, PrinterPatch, PrinterSettings};
pub use record::{
    Decision, FrameAnswer, FrameFeedback, HeatLook, Sighting, TemperatureRow, WatchCoverage, WatchGap,
};
pub use recovery::Recovery;
pub use review::{ReviewCounts, ReviewDay, ReviewItem, ReviewKind, ReviewRef};
pub use rule::{IgnoreArea, MOST_IGNORE_AREAS, Place, Reasons, Rule};
pub use scene::{SCENE_COLUMNS, SCENE_ROWS, Scene};
pub use sd::{LONGEST_SD_PATH, MOST_SD_FILES, SdCard, SdFile, SdOrder, check_sd_path};
pub use status::{
    Filament, FileInfo, Flags, Job, PrintTimeLeftOrigin, PrinterState, PrinterStatus, Progress, StateView,
    Temperature, Temperatures,
};
pub use storage::{Care, CareUnit, Retention};
pub use time::{Clock, Millis, Now, Timestamp};
pub use tools::{Able, COLD_BELOW_C, Dial, Mesh, PauseAt, Prompt, Sure, Tool, Tools};
pub use user::{NotificationSetting, User};
pub use view::{
    CameraView, Can, DotState, HealthDot, Pic, PrintFilm, PrintView, PrintVigil, PrinterView, ProgressView,
    StepView, VigilView,
};
pub use view_watch::{AlertView, CameraTrouble, DrillView, WatchView};
pub use watch::{GaugeZone, NotWatching, PredictionState, WatchSettings};
pub use what_if::{Fitted, Tally, Truth, WhatIf, WhatIfAsk, WhatIfPrint};
