//! The contract with the page: every type that the API and the live socket speak, as TypeScript.
//!
//! Each is derived from the type that is really sent or read, so that the page cannot ask for a field that is not there.

use crate::{
    admission, agents, cameras, deleted, files, live, machines, maintenance, models, mqtt, network, notices,
    obico, paging, past, preflight, printers, prints, queue, review, shots, spools, stats, stops,
};
use crate::{system, tools, upload, watching};
use domain::statistics::GroupBy;
use domain::{
    Axis, Care, Decision, DemoFault, EnergyPrice, FilamentPrice, FileSorting, FileView, FilmView, Fitted,
    FolderView, FrameFeedback, IgnoreArea, Macro, NoticeDelivery, NotificationService, NotificationSetting,
    PrintCost, PrintView, PrinterEvent, PrinterPatch, Recovery, Retention, ReviewCounts, ReviewItem,
    ReviewRef, Seen, SpoolForm, SpoolList, SpoolNeed, Tool, Traffic, User, WatchCoverage, WatchGap, WhatIf,
    WhatIfAsk,
};
use std::path::Path;
use ts_rs::{Config, ExportError, TS};

/// Writes the types as TypeScript into a folder, one file a type. The same types always give the same files.
///
/// # Errors
/// When a file cannot be written.
pub fn write_types(dir: &Path) -> Result<(), ExportError> {
    let config = Config::new().with_out_dir(dir).with_large_int("number");
    macro_rules! write {
        ($($type:ty),* $(,)?) => { $(<$type>::export_all(&config)?;)* };
    }
    // Each of these brings every type that it mentions.
    // What the live socket says.
    write![live::LiveMessage];
    // Records as Obico has them, and what is ours beside them.
    write![PrintView, PrinterEvent, PrinterPatch, FileView, FolderView, User, NotificationSetting];
    write![
        station::LayerList,
        station::FileLines,
        paging::Page<FileView>,
        files::List,
        preflight::Preflight,
        prints::PrintCount,
        prints::Change
    ];
    write![printers::Sent, printers::Add, printers::Temperatures, shots::Answered];
    write![stops::StoppedAll];
    write![queue::QueueAdd, queue::QueuePatch, queue::QueueStart];
    // Past prints.
    write![past::Temperatures, past::Frames, past::Looks, FilmView, station::EvidenceClip, Recovery];
    write![review::Page, review::Wanted, review::Reviewed, ReviewItem, ReviewRef, ReviewCounts];
    write![stats::Obico, stats::Ours, station::AllDeleted, station::BringBack, station::BroughtBack];
    write![deleted::Removed, store::print_list::Outcome, store::print_list::Said, GroupBy, FileSorting];
    // The watch.
    write![watching::Watch, station::Curve, Decision, FrameFeedback, IgnoreArea, WatchCoverage, WatchGap];
    write![WhatIf, WhatIfAsk, Fitted, models::Imported, station::Models, station::ModelChange];
    write![station::TryView];
    // Spools, and what prints cost.
    write![SpoolList, SpoolForm, SpoolNeed, PrintCost, EnergyPrice, station::SpoolmanImport];
    write![spools::SpoolWeighed, spools::SpoolLow, spools::SpoolChoice, spools::QueueNeed];
    // Machines and cameras.
    write![
        cameras::Cameras,
        cameras::Add,
        cameras::TrySource,
        cameras::Tried,
        domain::DeviceOptions,
        system::Port,
        system::Ticket
    ];
    write![Axis, DemoFault];
    write![tools::Preset, tools::NewMacro, tools::MacroPatch, station::TerminalPage, Macro, Seen, Tool];
    write![Traffic, Care, maintenance::New];
    // The network.
    write![
        agents::View,
        agents::files::HostFiles,
        agents::host::HostPower,
        agents::host::HostCameras,
        network::View,
        network::Change,
        admission::OfferView,
        admission::SecretView,
        admission::Paired,
        admission::PairWith
    ];
    write![admission::GrantChange, obico::shared::SharedResource, obico::shared::NewShare];
    // Notices that leave this computer.
    write![
        notices::NotificationSettingView,
        notices::NotificationSettingChange,
        notices::TestedService,
        notices::AvailablePlugins
    ];
    write![NoticeDelivery, NotificationService];
    // Home Assistant.
    write![mqtt::View, mqtt::Change, mqtt::TestedBroker];
    // Other machines.
    write![::mqtt::Machines, machines::AskOther, machines::SentToOther];
    // The house.
    write![
        station::ReportEntry,
        outbound::Outbound,
        station::OctoPrintBackup,
        station::OctoPrintTake,
        station::Storage,
        station::Tidied,
        Retention,
        FilamentPrice,
        upload::Progress
    ];
    Ok(())
}
