//! Writes the types of the API as TypeScript, one file per type, into the directory given as argument:
//! `cargo run -p domain --example bindings -- ui/src/lib/bindings`.
//!
//! The same types always give the same files; files of types that are gone are removed.

use domain::{
    Decision, FilamentPrice, FileView, FilmView, Fitted, FolderView, FrameFeedback, IgnoreArea, Macro,
    Notice, NotificationSetting, PrintView, PrinterEvent, PrinterPatch, PrinterView, Recovery, ReviewCounts,
    ReviewItem, ReviewRef, Tool, Traffic, User, WatchCoverage, WatchGap, WhatIf, WhatIfAsk,
};
use std::error::Error;
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS};

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1).map(PathBuf::from).ok_or("name the directory to write to")?;
    std::fs::create_dir_all(&dir)?;
    clear(&dir)?;
    let config = Config::new().with_out_dir(&dir).with_large_int("number");
    // Each of these brings every type that it mentions.
    PrinterView::export_all(&config)?;
    PrinterPatch::export_all(&config)?;
    PrinterEvent::export_all(&config)?;
    PrintView::export_all(&config)?;
    FilamentPrice::export_all(&config)?;
    FileView::export_all(&config)?;
    FilmView::export_all(&config)?;
    FolderView::export_all(&config)?;
    Notice::export_all(&config)?;
    Decision::export_all(&config)?;
    FrameFeedback::export_all(&config)?;
    IgnoreArea::export_all(&config)?;
    WatchCoverage::export_all(&config)?;
    WatchGap::export_all(&config)?;
    WhatIf::export_all(&config)?;
    WhatIfAsk::export_all(&config)?;
    Fitted::export_all(&config)?;
    Recovery::export_all(&config)?;
    ReviewItem::export_all(&config)?;
    ReviewRef::export_all(&config)?;
    ReviewCounts::export_all(&config)?;
    Macro::export_all(&config)?;
    Tool::export_all(&config)?;
    Traffic::export_all(&config)?;
    User::export_all(&config)?;
    NotificationSetting::export_all(&config)?;
    Ok(())
}

/// Removes what an earlier run wrote.
fn clear(dir: &Path) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "ts") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
