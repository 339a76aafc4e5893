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
//! | look | one frame, or a closer view of a part of it, analysed |
//! | probability, p | of the whole picture, 0 to 1; the rule's input, 0 to about 2.5. Never mixed |
//! | model | an ONNX file, never a database record |

mod access;
mod address;
mod agent;
mod alert_sound;
mod camera;
mod command;
mod delivery;
mod demo;
mod device_options;
mod effect;
mod energy;
mod event;
mod fault;
mod file;
mod film;
mod id;
pub mod limits;
mod link;
mod look;
mod machine;
mod macros;
mod material;
mod names;
mod order;
mod orientation;
mod p_map;
mod price;
mod print;
mod printer;
mod queue;
mod record;
mod recovery;
mod refused;
mod review;
mod rule;
mod safety;
mod scale;
mod scene;
mod scripts;
mod sd;
mod spool;
mod spool_form;
mod start;
pub mod statistics;
mod status;
mod storage;
mod text;
mod time;
mod tools;
mod user;
mod view;
mod view_print;
mod view_state;
mod view_watch;
mod watch;
mod what_if;
mod words;

pub use access::{Grant, GrantKind, LONGEST_GRANT_NAME, MOST_GRANTS, Role};
pub use address::{HIDDEN, shown_address, whole_address};
pub use agent::{Agent, AgentEvent, LONGEST_AGENT_WORD, may_be_same_print, name_at_host};
pub use alert_sound::{AlertSound, QuietHours};
pub use camera::{Camera, CameraHealth, CameraSource, Crop, FrameInfo, Rotation, StreamRatio, Turned};
pub use command::{
    Busyness, Judgement, LONGEST_COMMAND, MOST_MACRO_LINES, clean_command, cut, expand_macro, judge,
    parameter,
};
pub use delivery::{DeliveryState, MessageTopic, NoticeDelivery, NotificationService, ServiceField};
pub use demo::DemoFault;
pub use device_options::{ControlChoice, DeviceControl, DeviceFormat, DeviceOptions, PictureCoding};
pub use effect::{DrillPictures, Effect, KeepWhy, Notice, NoticeKind, Write};
pub use energy::EnergyPrice;
pub use event::{Answer, Event, Refusal, ReplyTo, Request, Seen, StoreFault};
pub use fault::{HaltCause, HeaterFault, HeaterFaultKind};
pub use file::{
    FileExtras, FilePrints, FileSorting, FileVerdict, FileView, FolderExtras, FolderView, GCodeFile,
    GCodeFolder, display_name, safe_filename,
};
pub use film::{Film, FilmPick, FilmQuality, FilmState, FilmStep, FilmView, FilmWish, TimelapseOptions};
pub use id::{
    CameraId, EventId, FileId, FolderId, FrameId, GrantId, MacroId, PrintId, PrinterId, QueueItemId, ShotId,
    SpoolId, UserId,
};
pub use link::{
    Firmware, JobEnd, JobPhase, JobReport, LONGEST_TRAFFIC, LinkChange, LinkState, PauseStep, PrinterReport,
    Traffic, TrafficDirection,
};
pub use look::{Detection, FrameRow, Look, LookRow, PixelBox, View};
pub use machine::{Area, MachineProfile, SafetyGrade, SafetyNote, UsbIdentity};
pub use macros::{LONGEST_MACRO, LONGEST_MACRO_NAME, Macro, MacroColour};
pub use material::{MATERIALS, Material, material_named};
pub use names::{free_name, same_name};
pub use order::{Axis, Heater, Leave, Order, PauseRecipe};
pub use orientation::Orientation;
pub use p_map::{Calibration, Levels, PMap};
pub use price::FilamentPrice;
pub use print::{
    AlertOverwrite, EndedBy, EventClass, EventType, Outcome, Print, PrintShotFeedback, PrinterEvent,
    ShotAnswer,
};
pub use printer::{
    ActionOnFailure, PortChoice, Printer, PrinterKind, PrinterPatch, PrinterSettings, TempProfiles,
};
pub use queue::{MOST_QUEUED, QueueChange, QueueItem, QueuedBy};
pub use record::{
    Decision, FrameAnswer, FrameFeedback, HeatLook, Sighting, TemperatureRow, WatchCoverage, WatchGap,
};
pub use recovery::Recovery;
pub use refused::{OrderKind, RefusedReason};
pub use review::{ReviewCounts, ReviewDay, ReviewItem, ReviewKind, ReviewRef};
pub use rule::{GaugeZone, IgnoreArea, MOST_IGNORE_AREAS, Place, Reasons, Rule, ScaleSource};
pub use scale::{Calm, CameraScale, LearntView, MOST_TAUGHT, PrintScale, Taught, Teaches};
pub use scene::{COLOUR_COLUMNS, COLOUR_ROWS, SCENE_COLUMNS, SCENE_ROWS, Scene};
pub use scripts::{ScriptAt, Scripts};
pub use sd::{LONGEST_SD_PATH, MOST_SD_FILES, SdCard, SdFile, SdOrder, check_sd_path};
pub use spool::{
    CardUse, LoadedOn, LoadedSpool, MOST_TOOLS, PrintCost, PrintSpool, Spool, SpoolList, SpoolNeed, SpoolUse,
    SpoolView, ToolUse, grams_per_mm, total_mm,
};
pub use spool_form::{LONGEST_SPOOL_NOTES, LONGEST_SPOOL_WORD, SpoolForm, is_color};
pub use start::{Initiator, PastTimes, StartJob};
pub use status::{
    Filament, FileInfo, Flags, Job, PrintTimeLeftOrigin, PrinterState, PrinterStatus, Progress, StateView,
    Temperature, Temperatures,
};
pub use storage::{Care, CareUnit, Retention};
pub use text::one_line;
pub use time::{Clock, Millis, Now, Timestamp};
pub use tools::{
    Able, COLD_BELOW_C, Dial, DialSource, LEVEL_LIFT_MM, Mesh, ObjectState, PauseAt, PrintObject, Prompt,
    Sure, Tool, Tools, ZKeeper, ZOffset, ZSave,
};
pub use user::{NotificationSetting, UNLIMITED_HOURS, User};
pub use view::{
    CameraView, Can, DotState, HealthDot, OtherCamera, Pic, PrinterView, ProgressView, TimeSource,
    TimeSourceKind, VigilView,
};
pub use view_print::{PrintFilm, PrintView, PrintVigil};
pub use view_state::{AlarmKind, AlarmView, HeatView, KeptCard, LastPrint};
pub use view_watch::{AlertView, CameraTrouble, DrillView, StepView, WatchView};
pub use watch::{NotWatching, PredictionState, WatchSettings};
pub use what_if::{Fitted, Tally, Truth, WhatIf, WhatIfAsk, WhatIfPrint};
pub use words::{sentence, sentences};
