//! `vigil render` and `vigil import-video`: by the core that works on the folder, or without one.

use crate::running::Core;
use anyhow::{Context, bail};
use domain::{FilmStep, FilmView, PrintId};
use station::{Brought, FilmBrought, Wanted};
use std::fs::File;
use std::io::{Write, stderr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use store::StoreError;
use vigil::far;

/// How often a running core is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// Makes the film of a print again and says where it lies.
pub(crate) fn run(data_dir: &Path, print: i64) -> anyhow::Result<ExitCode> {
    // Says what is missing where nothing was ever kept, and makes no new history there.
    let conn =
        api::open_history(data_dir).with_context(|| format!("no history in {}", data_dir.display()))?;
    if store::print::get(&conn, PrintId(print))?.is_none() {
        bail!("print {print} does not exist; `vigil prints` lists those that do");
    }
    drop(conn);
    let (models, decoders) = (far::models_apart(), far::decoders_apart());
    let urls = match station::render(data_dir, Wanted::Print(PrintId(print)), models, decoders, &mut told) {
        Ok(Ok((_, film))) => [film.video, film.tagged],
        Ok(Err(why)) => bail!("no film of print {print}: {why}"),
        Err(StoreError::InUse { .. }) => {
            let core = Core::of(data_dir)?;
            core.post(&film_path(print))?;
            followed(&core, print)?
        }
        Err(error) => return Err(error.into()),
    };
    tell(data_dir, urls);
    Ok(ExitCode::SUCCESS)
}

/// Makes a past print of a film and says its number and where its films lie. The film itself stays where it is.
pub(crate) fn import(
    data_dir: &Path,
    film: &Path,
    secs_per_picture: Option<f64>,
) -> anyhow::Result<ExitCode> {
    let name = film.file_name().context("this is no file")?.to_string_lossy().into_owned();
    let copied = copy_of(data_dir, film);
    let copy = copied.with_context(|| format!("{} cannot be read, or not be kept", film.display()))?;
    let brought = FilmBrought { film: Brought { path: copy.clone(), name: name.clone() }, secs_per_picture };
    let (models, decoders) = (far::models_apart(), far::decoders_apart());
    let done = station::render(data_dir, Wanted::Brought(brought), models, decoders, &mut told);
    // Moved to its place, unless it was refused.
    let _ = std::fs::remove_file(copy);
    let (print, urls) = match done {
        Ok(Ok((print, film))) => (print.get(), [film.video, film.tagged]),
        Ok(Err(why)) => bail!("{why}"),
        Err(StoreError::InUse { .. }) => {
            let core = Core::of(data_dir)?;
            let print = core.upload_film(film, &name, secs_per_picture)?;
            (print, followed(&core, print)?)
        }
        Err(error) => return Err(error.into()),
    };
    println!("print {print}");
    tell(data_dir, urls);
    Ok(ExitCode::SUCCESS)
}

/// Copies a film beside the history, from where it is moved into it.
fn copy_of(data_dir: &Path, film: &Path) -> std::io::Result<std::path::PathBuf> {
    std::fs::create_dir_all(data_dir)?;
    let copy = data_dir.join(format!("upload-{}.part", std::process::id()));
    // Not `fs::copy`, which may keep the film's age: what looks left behind is swept at a start.
    std::io::copy(&mut File::open(film)?, &mut File::create(&copy)?).map(|_| copy)
}

fn film_path(print: i64) -> String {
    format!("/api/v1/vigil/prints/{print}/film/")
}

fn told(share: f32) {
    // Whether a person sees it changes nothing.
    let _ = write!(stderr(), "\r{:3.0} %", share * 100.0);
}

fn tell(data_dir: &Path, urls: [Option<String>; 2]) {
    eprintln!();
    for url in urls.into_iter().flatten() {
        println!("{}", data_dir.join(url.trim_start_matches('/')).display());
    }
}

/// Waits until a core has made the film of a print. Returns where both lie.
fn followed(core: &Core, print: i64) -> anyhow::Result<[Option<String>; 2]> {
    loop {
        let view: FilmView = serde_json::from_value(core.get(&film_path(print))?)?;
        match view.state {
            Some(FilmStep::Made) => break,
            Some(FilmStep::Waiting | FilmStep::Making | FilmStep::Analysing) => {
                told(view.progress.unwrap_or(0.0));
                std::thread::sleep(ASK_EVERY);
            }
            Some(FilmStep::TooShort | FilmStep::Cancelled | FilmStep::Failed) | None => {
                bail!("no film of print {print}: {}", view.why.unwrap_or_default());
            }
        }
    }
    let shown = core.get(&format!("/api/v1/prints/{print}/"))?;
    Ok(["video_url", "tagged_video_url"].map(|key| shown[key].as_str().map(str::to_owned)))
}
