//! `vigil model`: detection models that a user brings.

use anyhow::{Context, anyhow, bail};
use detect::{CheckReport, Imports, ModelSettings, Picture};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use vigil::places;

/// So much later than it is told off, a check ends by itself.
const GRACE: Duration = Duration::from_secs(2);

/// What to do.
#[derive(clap::Subcommand)]
pub(crate) enum What {
    /// Looks at a test picture with a model file, in a process of its own and for a minute at most.
    Check {
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
        /// In this process: what the others start.
        #[arg(long, hide = true)]
        here: bool,
        /// Seconds it may take.
        #[arg(long, hide = true, default_value_t = detect::CHECK_LIMIT.as_secs())]
        limit: u64,
        /// The file (.onnx).
        file: PathBuf,
    },
    /// Checks a model file and keeps it (.onnx, or Obico's .darknet).
    Import {
        /// A class that is a failure; may be given more than once.
        #[arg(long = "failure-class", value_name = "NAME")]
        failure_classes: Vec<String>,
        /// Where everything is kept.
        #[arg(long = "data", value_name = "DIR")]
        data_dir: Option<PathBuf>,
        /// The file.
        file: PathBuf,
    },
    /// Lists the models that are kept.
    List {
        /// Where everything is kept.
        #[arg(long = "data", value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
    /// Chooses the model that watches.
    Use {
        /// Where everything is kept.
        #[arg(long = "data", value_name = "DIR")]
        data_dir: Option<PathBuf>,
        /// Its id, or built-in.
        id: String,
    },
}

/// Does it.
pub(crate) fn run(what: What) -> anyhow::Result<ExitCode> {
    match what {
        What::Check { json, here, limit, file } => {
            let limit = Duration::from_secs(limit);
            check(json, if here { report_here(&file, limit) } else { report(&file, limit) }, &file)
        }
        What::Import { failure_classes, data_dir, file } => import(&file, failure_classes, &folder(data_dir)),
        What::List { data_dir } => {
            for model in Imports::of(&folder(data_dir)).list() {
                println!("{}  {}", model.id, model.settings.name);
                tell(&model.report, &model.settings);
            }
            Ok(ExitCode::SUCCESS)
        }
        What::Use { data_dir, id } => choose(&id, &folder(data_dir)),
    }
}

fn folder(named: Option<PathBuf>) -> PathBuf {
    named.unwrap_or_else(places::data_dir)
}

fn check(json: bool, checked: anyhow::Result<CheckReport>, file: &Path) -> anyhow::Result<ExitCode> {
    match checked {
        Ok(report) if json => println!("{}", serde_json::to_string(&report)?),
        Ok(report) => {
            let (kind, chosen) = (report.kind, report.failure_classes.clone());
            let above = report.confidence_above;
            let name = file.display().to_string();
            tell(&report, &ModelSettings { kind, name, failure_classes: chosen, confidence_above: above });
        }
        Err(error) if json => {
            println!("{}", json!({"error": error.to_string()}));
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Err(error),
    }
    Ok(ExitCode::SUCCESS)
}

/// Has a model checked in a process of its own: it may crash the library, or never end.
fn report(file: &Path, limit: Duration) -> anyhow::Result<CheckReport> {
    let exe = std::env::current_exe().context("this program cannot be found")?;
    detect::check_in_child(&exe, file, limit).map_err(|why| anyhow!(why))
}

fn report_here(file: &Path, limit: Duration) -> anyhow::Result<CheckReport> {
    // Who started us may be gone, and a model that never ends would keep this computer busy for good.
    let end_by_itself = move || {
        std::thread::sleep(limit + GRACE);
        std::process::exit(1);
    };
    std::thread::Builder::new().name("check-limit".into()).spawn(end_by_itself)?;
    let words = |error: detect::DetectError| anyhow!(error.for_people());
    let picture = sim::sample_picture(true).map_err(|e| anyhow!("there is no test picture: {e}"))?;
    let picture = Picture::from_jpeg(&picture).map_err(words)?;
    let runtime = detect::find_runtime(&[places::data_dir()]).map_err(words)?;
    detect::check(&runtime, file, None, &picture).map_err(words)
}

fn import(file: &Path, failure_classes: Vec<String>, data_dir: &Path) -> anyhow::Result<ExitCode> {
    let exe = std::env::current_exe().context("this program cannot be found")?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let imports = Imports::of(data_dir);
    let mut model = imports.import(&exe, file, &name).map_err(|why| anyhow!(why))?;
    if !failure_classes.is_empty() {
        let settings = ModelSettings { failure_classes, ..model.settings };
        model = imports.change(&model.id, &settings).map_err(|why| anyhow!(why))?;
    }
    println!("{}  {}", model.id, model.settings.name);
    tell(&model.report, &model.settings);
    println!("Use it with: vigil model use {}", model.id);
    Ok(ExitCode::SUCCESS)
}

fn choose(id: &str, data_dir: &Path) -> anyhow::Result<ExitCode> {
    let id = (id != "built-in").then_some(id);
    if let Some(id) = id
        && Imports::of(data_dir).get(id).is_none()
    {
        bail!("there is no model {id}; `vigil model list` shows them");
    }
    station::choose_model(data_dir, id)
        .context("the choice could not be kept; if Printvigil is running, choose in its settings")?;
    println!("{} is used from the next start on", id.unwrap_or("the built-in model"));
    Ok(ExitCode::SUCCESS)
}

fn tell(report: &CheckReport, settings: &ModelSettings) {
    println!("  kind      {:?}, {} x {} pixels", report.kind, report.input.0, report.input.1);
    println!("  speed     {:.0} ms a picture", report.ms_per_picture);
    if !report.classes.is_empty() {
        println!("  classes   {}", report.classes.join(", "));
        println!("  failures  {}", settings.failure_classes.join(", "));
    }
    println!(
        "  test      {:.0} %, {} boxes in a failing print",
        report.probability * 100.0,
        report.boxes.len()
    );
    for problem in &report.problems {
        println!("  problem   {problem}");
    }
}
