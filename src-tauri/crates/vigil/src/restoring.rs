//! `vigil restore`: a backup comes back, or only tells what it holds. The window calls it, too, once no core runs any more.

use crate::past_prints::Folder;
use crate::updating::hold;
use anyhow::Context;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// For whom it is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Words,
    Json,
}

/// Says what a backup holds.
pub(crate) fn preview(folder: Folder, archive: &Path, told: Told) -> anyhow::Result<ExitCode> {
    let data_dir = folder.path();
    // Beside the data, where there is room for it once it is restored.
    let peek = station::peek(archive, data_dir.parent().unwrap_or(&data_dir))?;
    if told == Told::Json {
        println!("{}", serde_json::to_string(&peek)?);
        return Ok(ExitCode::SUCCESS);
    }
    let history = &peek.history;
    println!(
        "Made by Printvigil {}: {} printers, {} prints, {} G-code files; {} files, {:.1} MB{}",
        peek.app_version,
        history.printers,
        history.prints,
        history.files,
        peek.files,
        peek.bytes as f64 / 1e6,
        if peek.with_pictures { "" } else { ", without single pictures" }
    );
    if let (Some(first), Some(last)) = (history.first_print, history.last_print) {
        println!("Prints from {first} to {last}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Restores everything; what was there is set aside under another name beside it.
pub(crate) fn restore(folder: Folder, archive: &Path, told: Told) -> anyhow::Result<ExitCode> {
    let data_dir = folder.path();
    if data_dir.is_dir() {
        // One that ends is waited for; restoring takes the folder itself.
        drop(hold(&data_dir)?);
    }
    let (done, aside) = station::restore_over(archive, &data_dir)
        .with_context(|| format!("nothing was changed: {} is not restored", archive.display()))?;
    if told == Told::Json {
        println!("{}", json!({ "files": done.files, "bytes": done.bytes, "aside": aside }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} files, {:.1} MB restored into {}", done.files, done.bytes as f64 / 1e6, data_dir.display());
    if let Some(aside) = aside {
        println!("What was there before is now in {}", aside.display());
    }
    println!("Passwords of network cameras are in no backup: enter them again where they are asked for.");
    Ok(ExitCode::SUCCESS)
}
