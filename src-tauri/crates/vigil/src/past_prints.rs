//! `vigil prints`, `export`, `backup`: past prints and everything that is kept, beside a running
//! core or without one.

use anyhow::{Context, bail};
use domain::PrintId;
use station::Pictures;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vigil::places;

/// Which folder.
#[derive(clap::Args)]
pub(crate) struct Folder {
    /// Where everything is kept.
    #[arg(long = "data", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Folder {
    pub(crate) fn path(self) -> PathBuf {
        self.data_dir.unwrap_or_else(places::data_dir)
    }
}

/// How a list is told.
#[derive(clap::Args)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    folder: Folder,
    /// Prints one JSON array, each print as in the API.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints a table for spreadsheets.
    #[arg(long)]
    csv: bool,
    /// Only some, as in the API: `result=failed&from_date=2026-11-01`.
    #[arg(long, value_name = "QUERY")]
    only: Option<String>,
}

fn history(data_dir: &Path, query: Option<String>) -> anyhow::Result<Vec<domain::PrintView>> {
    let conn =
        api::open_history(data_dir).with_context(|| format!("no history in {}", data_dir.display()))?;
    api::history(&conn, query).map_err(|error| anyhow::anyhow!("{}. {}", error.message, error.hint))
}

/// Lists past prints, the newest first.
pub(crate) fn list(options: ListOptions) -> anyhow::Result<ExitCode> {
    let prints = history(&options.folder.path(), options.only)?;
    if options.json {
        println!("{}", serde_json::to_string(&prints)?);
    } else if options.csv {
        print!("{}", station::history_table(&prints));
    } else {
        for print in &prints {
            let how = match print.vigil.ended_by {
                Some(by) => format!("{by:?}").to_lowercase(),
                None if print.uploaded_at.is_some() => "added film".into(),
                None => "under way".into(),
            };
            let took = print.print_time.map_or_else(String::new, |secs| format!("{:.0} min", secs / 60.0));
            let alerts = match print.vigil.alerts {
                0 => String::new(),
                1 => "1 alert".into(),
                n => format!("{n} alerts"),
            };
            let started = print.started_at.to_string();
            let started = started.get(..16).unwrap_or_default().replace('T', " ");
            println!(
                "{:>6}  {started}  {how:<11} {took:>8}  {alerts:<9} {}",
                print.id,
                shown(&print.filename)
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A name that changes nothing in a terminal.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Writes a print to a folder, a ZIP, or a page, by the ending of `out`.
pub(crate) fn export(folder: Folder, print: i64, out: &Path) -> anyhow::Result<ExitCode> {
    let data_dir = folder.path();
    let written = station::export_print(&data_dir, PrintId(print), out)?;
    if !written {
        bail!("print {print} does not exist; `vigil prints` lists those that do");
    }
    println!("{}", out.display());
    Ok(ExitCode::SUCCESS)
}

/// Writes everything into one file.
pub(crate) fn backup(folder: Folder, out: &Path, pictures: Pictures) -> anyhow::Result<ExitCode> {
    if out.exists() {
        bail!("{} is there already; name a new file", out.display());
    }
    let part = out.with_extension("part");
    let file = File::create(&part).with_context(|| format!("cannot write {}", part.display()))?;
    let done = station::back_up(&folder.path(), env!("CARGO_PKG_VERSION"), pictures, BufWriter::new(file));
    let done = done.and_then(|done| {
        std::fs::rename(&part, out)
            .map(|()| done)
            .map_err(|source| station::ArchiveError::File { path: out.display().to_string(), source })
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    let done = done?;
    println!("{} files, {:.1} MB: {}", done.files, done.bytes as f64 / 1e6, out.display());
    Ok(ExitCode::SUCCESS)
}
