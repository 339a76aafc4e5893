//! `vigil report`: a file for whoever helps, with nothing secret in it. Asked of the core that runs, or made without one.

use crate::running::Core;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use station::{Report, ReportEntry, ReportParts};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Lists what is in it, and writes it where a file is named.
pub(crate) fn run(data_dir: &Path, out: Option<&Path>, with_pictures: bool) -> anyhow::Result<ExitCode> {
    let query = if with_pictures { "?pictures=true" } else { "" };
    let core = Core::of(data_dir).ok();
    // One that has ended without a word may have left its address behind.
    let listed = core.as_ref().and_then(|core| core.get(&format!("/api/v1/vigil/report/{query}")).ok());
    match (core, listed) {
        (Some(core), Some(listed)) => {
            listed.as_array().into_iter().flatten().for_each(|entry| {
                tell(entry["name"].as_str().unwrap_or_default(), entry["num_bytes"].as_u64().unwrap_or(0));
            });
            if let Some(out) = out {
                let mut sent = core.download(&format!("/api/v1/vigil/report.zip{query}"))?;
                written(out, |file| std::io::copy(&mut sent, file).map(|_| ()))?;
            }
        }
        _ => {
            let report = without_core(data_dir);
            report.entries().iter().for_each(|ReportEntry { name, num_bytes }| tell(name, *num_bytes));
            if let Some(out) = out {
                written(out, |file| report.write(file))?;
            }
        }
    }
    match out {
        Some(out) => println!("Written to {}. Look through it before you pass it on.", out.display()),
        None => println!("Nothing was written. Name a file to write it: vigil report report.zip"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Of printers it knows what the database does; there is no dialogue, and no picture.
fn without_core(data_dir: &Path) -> Report {
    let mut parts = ReportParts { version: env!("CARGO_PKG_VERSION").into(), ..ReportParts::default() };
    let read = api::open_history(data_dir).and_then(|conn| store::printer::list(&conn));
    let printers = match read {
        Ok(printers) => Value::Array(printers.iter().map(|printer| json!(printer)).collect()),
        Err(error) => json!({ "error": error.to_string() }),
    };
    parts.records.push(("printers.json".into(), printers));
    Report::make(data_dir, parts)
}

fn tell(name: &str, num_bytes: u64) {
    println!("{:>9.1} kB  {name}", num_bytes as f64 / 1e3);
}

/// Writes a new file that only the user can read.
fn written(out: &Path, write: impl FnOnce(&mut File) -> std::io::Result<()>) -> anyhow::Result<()> {
    if out.exists() {
        bail!("{} is there already; name a new file", out.display());
    }
    let part = out.with_extension("part");
    let done = File::create(&part).and_then(|mut file| {
        write(&mut file)?;
        file.flush()
    });
    let done = done.and_then(|()| std::fs::rename(&part, out));
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done.with_context(|| format!("{} cannot be written", out.display()))
}
